package spdiff

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"spdiff/group"
	"spdiff/nn"
)

// A GANConfig says how a generative adversarial network is trained: SP-GAN (Birrell, Katsoulakis, Rey-Bellet and Zhu, ICML 2022), the
// paper's baseline. It is a plain value, saved as JSON beside the weights and within them; [DefaultGANConfig] is where to start. A
// model's bits are a function of its GANConfig and Source alone.
type GANConfig struct {
	Group       group.Group        `json:"group"`               // that of the data
	Variant     GANVariant         `json:"variant"`             // what is symmetric
	Network     nn.GANConfig       `json:"network"`             // its Group and Symmetrise are derived, whatever they are
	Loss        nn.GANLoss         `json:"loss"`                // of both networks
	Batch       int                `json:"batch"`               // images an update
	Precision   Precision          `json:"precision,omitzero"`  // of both networks' products in training, and where a model of it draws; 0: Float32
	CriticSteps int                `json:"critic_steps"`        // updates of the discriminator for one of the generator
	Rotate      bool               `json:"rotate"`              // one random element of Group acts on each image of the source, once and for all
	Augment     bool               `json:"augment"`             // a fresh random element acts at each draw
	Critic      nn.OptimiserConfig `json:"critic_optimizer"`    // the discriminator's, without running means
	Generator   nn.OptimiserConfig `json:"generator_optimizer"` // the generator's, without running means
	CriticRate  nn.LearningRate    `json:"critic_rate"`         // the discriminator's learning rate
	Rate        nn.LearningRate    `json:"rate"`                // the generator's
	Seed        uint64             `json:"seed"`                // of first weights, order of images, latents
	Steps       int                `json:"steps"`               // of the generator, at most MaxSteps

	ClassNames []string `json:"class_names,omitempty"` // of each class, in order, as those of a Config; none: classes have numbers alone
}

// A GANVariant says which parts of a GAN are symmetric.
type GANVariant int

const (
	SPGAN      GANVariant = iota // both networks and the latent: the law of the images is invariant, exactly
	Incomplete                   // both networks, not the latent (Dey et al. 2021): the law is not invariant
	PlainGAN                     // nothing
)

var ganVariants = names{"spgan", "incomplete", "plain"}

// GANVariants returns all variants.
func GANVariants() []GANVariant { return all[GANVariant](ganVariants) }

// String returns the name, as in a configuration file.
func (v GANVariant) String() string { return ganVariants.of(int(v)) }

// MarshalText implements encoding.TextMarshaler.
func (v GANVariant) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler: the error for an unknown name lists the known ones.
func (v *GANVariant) UnmarshalText(text []byte) error {
	return ganVariants.parse("variant", text, (*int)(v))
}

// ganBatches are the presets' sizes of a batch, SP-GAN's.
var ganBatches = map[string]int{"gan-digits": 64, "gan-digits-paper": 64, "gan-cells": 32}

// DefaultGANConfig returns the settings for a preset of the networks ([nn.GANPresets]): SP-GAN's, with its relativistic loss (the
// divergence for gan-cells), its Adam (β = 0, 0.9) and learning rates, and two updates of the discriminator a step. It returns an
// error that lists the presets if there is none of that name.
func DefaultGANConfig(preset string) (GANConfig, error) {
	network, err := nn.GANPreset(preset)
	if err != nil {
		return GANConfig{}, &ConfigError{Field: "preset", Value: preset, Reason: err.Error(), cause: err}
	}
	adam := nn.OptimiserConfig{Rule: nn.Rule{Beta1: 0, Beta2: 0.9, Eps: 1e-7}}
	c := GANConfig{Group: network.Group, Network: network, Loss: nn.RelativisticLoss(), Batch: ganBatches[preset], CriticSteps: 2,
		Critic: adam, Generator: adam, CriticRate: nn.LearningRate{Rate: 4e-4}, Rate: nn.LearningRate{Rate: 1e-4}, Steps: 20_000}
	if network.Residual {
		c.Loss = nn.DivergenceLoss()
	}
	return c, nil
}

// Clone returns a copy that shares no memory with c.
func (c GANConfig) Clone() GANConfig {
	c.Network, c.Critic, c.Generator = c.Network.Clone(), c.Critic.Clone(), c.Generator.Clone()
	c.Rate, c.CriticRate = c.Rate.Clone(), c.CriticRate.Clone()
	c.ClassNames = slices.Clone(c.ClassNames)
	return c
}

// Resolved returns a copy of c with all that follows from other settings: what a variant implies.
func (c GANConfig) Resolved() GANConfig {
	c = c.Clone()
	c.Precision = c.Precision.Or(Float32)
	c.Network.Group, c.Network.Symmetrise = c.Group, c.Variant == SPGAN
	if c.Variant == PlainGAN {
		c.Network.Group = group.C1
	}
	return c
}

// Validate returns nil if a model can be trained, else a *ConfigError that says which setting is wrong and what would be right.
func (c GANConfig) Validate() error {
	c = c.Resolved()
	number := func(field string, value, least, most int) error {
		if value < least || value > most {
			return &ConfigError{Field: field, Value: value, Reason: fmt.Sprintf("it must be from %d to %d", least, most)}
		}
		return nil
	}
	part := func(field string, err error) error {
		if err != nil {
			return &ConfigError{Field: field, Reason: err.Error(), cause: err}
		}
		return nil
	}
	for _, err := range []error{
		number("batch", c.Batch, 1, maxBatch), number("critic_steps", c.CriticSteps, 1, 100), number("steps", c.Steps, 0, MaxSteps),
		c.checkVariant(), c.Precision.check(),
		part("group", c.Group.Acts(c.Network.ImageHeight, c.Network.ImageWidth)),
		part("network", c.Network.Validate()), part("loss", c.Loss.Validate()),
		part("critic_optimizer", c.Critic.Validate()), part("generator_optimizer", c.Generator.Validate()),
		part("critic_rate", c.CriticRate.Validate()), part("rate", c.Rate.Validate()),
		checkClassNames(c.ClassNames, c.Network.Classes),
	} {
		if err != nil {
			return err
		}
	}
	if _, err := json.Marshal(c); err != nil {
		return unwritten(err)
	}
	return nil
}

func (c GANConfig) checkVariant() error {
	switch {
	case !ganVariants.has(int(c.Variant)):
		return &ConfigError{Field: "variant", Value: c.Variant, Reason: "there are " + strings.Join(ganVariants, ", ")}
	case len(c.Critic.Averages)+len(c.Generator.Averages) > 0:
		return &ConfigError{Field: "averages", Value: "not empty", Reason: "running means of weights would need statistics of their own; leave them out"}
	}
	return nil
}

// maxSteps returns how many steps there can be, as Config's does.
func (c GANConfig) maxSteps() int { return min(MaxSteps, maxDraws/(c.Batch*(c.CriticSteps+1))) }

// JSON returns the configuration as indented JSON, with what is derived. It panics with a *ConfigError where a number is not finite:
// Validate says so.
func (c GANConfig) JSON() []byte { return indented(c.Resolved()) }

// ParseGANConfig reads a configuration from JSON and validates it. Members that it does not know are errors. All its errors are
// *ConfigErrors.
func ParseGANConfig(text []byte) (GANConfig, error) { return parsed[GANConfig](text) }

// metadata returns what a file of a kind says of the configuration.
func (c GANConfig) metadata(kind string) map[string]string {
	m := metadataOf(c.JSON())
	m[kindKey] = kind
	return m
}
