package nn

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"spdiff/group"
)

// A GANConfig describes a generator and its discriminator; presets are where to start. It is saved as JSON beside the weights.
type GANConfig struct {
	Group       group.Group `json:"group"`        // of regular features; C1: plain networks
	Symmetrise  bool        `json:"symmetrise"`   // the latent code is moved by an element of the group: without it the law of the images is not invariant
	Residual    bool        `json:"residual"`     // residual blocks, as SP-GAN for 64×64 pixels; else plain stages, as for 28×28
	ImageHeight int         `json:"image_height"` // rows of an image
	ImageWidth  int         `json:"image_width"`  // its columns
	Out         int         `json:"out"`          // channels of an image
	Classes     int         `json:"classes"`      // 0: there are none
	Latent      int         `json:"latent"`       // normal numbers that an image is made of
	Label       int         `json:"label"`        // numbers that a class becomes before it joins them
	Seed        int         `json:"seed"`         // channels of the smallest feature map of the generator
	Generator   []int       `json:"generator"`    // channels of its stages, each with twice the side of that before
	Critic      []int       `json:"critic"`       // channels of the stages of the discriminator, each with half the side of that before
}

// Channels of stages are those of a plain network with as many parameters: regular features have 1/√|G| of them in each plane.

// GANDigits returns the preset gan-digits: SP-GAN's networks for 28×28 pixels (Birrell et al. 2022) at a quarter of their width.
func GANDigits() GANConfig {
	return GANConfig{Group: group.C4, Symmetrise: true, ImageHeight: 28, ImageWidth: 28, Out: 1, Classes: 10, Latent: 64, Label: 64,
		Seed: 128, Generator: []int{128, 64, 32}, Critic: []int{32, 64, 128}}
}

// GANDigitsPaper returns the preset gan-digits-paper: SP-GAN's networks for 28×28 pixels at their width.
func GANDigitsPaper() GANConfig {
	c := GANDigits()
	c.Generator, c.Critic = []int{512, 256, 128}, []int{128, 256, 512}
	return c
}

// GANCells returns the preset gan-cells: SP-GAN's networks for 64×64 pixels of three channels and three classes.
func GANCells() GANConfig {
	return GANConfig{Group: group.D4, Symmetrise: true, Residual: true, ImageHeight: 64, ImageWidth: 64, Out: 3, Classes: 3, Latent: 128, Label: 128,
		Seed: 128, Generator: []int{256, 128, 64, 32, 16}, Critic: []int{16, 32, 64, 128, 256}}
}

var ganPresets = presetList[GANConfig]{{"gan-digits", GANDigits}, {"gan-digits-paper", GANDigitsPaper}, {"gan-cells", GANCells}}

// GANPresets returns the names that GANPreset takes.
func GANPresets() []string { return ganPresets.names() }

// GANPreset returns the preset of that name.
func GANPreset(name string) (GANConfig, error) { return ganPresets.find("gan", name) }

// Clone returns a copy that shares no memory with c.
func (c GANConfig) Clone() GANConfig {
	c.Generator, c.Critic = slices.Clone(c.Generator), slices.Clone(c.Critic)
	return c
}

// plane returns the channels of a plane of a stage.
func (c GANConfig) plane(channels int) int {
	return max(1, int(float64(channels)/math.Sqrt(float64(c.Group.Order()))))
}

// code is the length of what the generator is told of an image: its noise and its class.
func (c GANConfig) code() int {
	if c.Classes == 0 {
		return c.Latent
	}
	return c.Latent + c.Label
}

// halvings returns how often the generator doubles its seed, and the discriminator halves an image.
func (c GANConfig) halvings() (generator, critic int) {
	generator, critic = len(c.Generator)-1, len(c.Critic)
	if !c.Residual {
		critic--
	}
	return generator, critic
}

// Validate returns nil if the networks can be built, else a *ConfigError that says which setting is wrong, why, and what would do.
func (c GANConfig) Validate() error {
	within := func(field string, value, min, max int) error { return inRange("gan", field, value, min, max) }
	stages := maxLevels // of the discriminator, so that there are as many grids
	if c.Residual {
		stages--
	}
	err := cmp.Or(
		within("image_height", c.ImageHeight, 1, maxSide),
		within("image_width", c.ImageWidth, 1, maxSide),
		within("out", c.Out, 1, maxChannels),
		within("classes", c.Classes, 0, maxChannels),
		within("latent", c.Latent, 1, maxChannels),
		within("label", c.Label, 1, maxChannels),
		within("seed", c.Seed, 1, maxChannels),
		within("number of stages in generator", len(c.Generator), 1, maxLevels),
		within("number of stages in critic", len(c.Critic), 1, stages))
	for i, n := range c.Generator {
		err = cmp.Or(err, within(fmt.Sprintf("generator.%d", i), n, 1, maxChannels))
	}
	for i, n := range c.Critic {
		err = cmp.Or(err, within(fmt.Sprintf("critic.%d", i), n, 1, maxChannels))
	}
	if err != nil {
		return err // what follows computes with numbers in range
	}
	return cmp.Or(c.checkImage(), c.checkSize())
}

// checkImage checks that the group acts on the image, and that both sides can be halved as often as there are stages.
func (c GANConfig) checkImage() error {
	unit := 1 << max(c.halvings())
	return checkSides("gan", c.Group, c.ImageHeight, c.ImageWidth, unit, func(int, string) string {
		return fmt.Sprintf("with %d stages of the generator and %d of the critic both sides must be multiples of %d", len(c.Generator), len(c.Critic), unit)
	})
}

// checkSize checks that the whole is of a size to be made.
func (c GANConfig) checkSize() error {
	if n := c.Parameters(); n > maxParams {
		return &ConfigError{"gan", "generator", c.Generator, nil, fmt.Sprintf("that makes %d parameters, more than %d", n, maxParams)}
	}
	return nil
}
