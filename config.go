package spdiff

import (
	"slices"

	"spdiff/group"
	"spdiff/nn"
	"spdiff/sde"
	"spdiff/tensor/warp"
)

// A Config says what is trained and how. It is a plain value, saved as JSON beside the weights and within them;
// [DefaultConfig] is where to start. A model's bits are a function of its Config and Source alone.
//
// Settings that follow from others are derived when a model or a trainer is made from a Config. The Config is copied: writing
// to it afterwards changes neither. [Trainer.Config] and [Model.Config] return it with all that was derived, and files
// hold it in that form.
type Config struct {
	Group        group.Group        `json:"group"`                  // that of the data: what turns and mirrors leave it as likely
	Method       Method             `json:"method"`                 // how the network respects it
	Network      nn.UNetConfig      `json:"network"`                // its Group, Features, In, NoClass and Labels are derived, whatever they are; Groups and Head are fitted
	Schedule     Schedule           `json:"schedule"`               // of the noise
	Predict      Prediction         `json:"predict"`                // what the network predicts
	Weight       Weighting          `json:"weight"`                 // how much errors count at each time
	Penalty      float64            `json:"penalty"`                // the weight of the regulariser, for Reg and RegOC alone; 0: 1, as in the paper's code
	Times        Times              `json:"times,omitzero"`         // how training draws times; EDM's schedule has its own
	Condition    bool               `json:"condition"`              // self-conditioning: the network sees its last prediction of x₀ as well
	Batch        int                `json:"batch"`                  // images a step
	Precision    Precision          `json:"precision,omitzero"`     // of the network's products in training, and where a model of it is evaluated; 0: Float32
	Rotate       bool               `json:"rotate"`                 // one random element of Group acts on each image of the source, once and for all
	Augment      Switch             `json:"augment"`                // a fresh random element acts at each draw; ByMethod: for Plain, OC, Reg and RegOC
	DropClass    float64            `json:"drop_class,omitempty"`   // the probability that a draw's class is withheld from the network, for Reversal.Guidance; 0: never
	Augmentation float64            `json:"augmentation,omitempty"` // each of package warp's moves is made at a draw with this probability, and told to the network; 0: none
	Optimiser    nn.OptimiserConfig `json:"optimizer"`              // Averages[0] is the one that a Model has
	Rate         nn.LearningRate    `json:"rate"`                   // the learning rate
	Seed         uint64             `json:"seed"`                   // of first weights, order of images, times, noise, dropout
	Steps        int                `json:"steps"`                  // how many steps Train makes, at most MaxSteps

	ClassNames []string `json:"class_names,omitempty"` // of each class, in order, for people to read; none: classes have numbers alone
}

// MaxSteps is the most steps that a training has: for one that ends by other means, see [ErrStop].
const MaxSteps = 1<<31 - 1

// batches are the presets' sizes of a batch.
var batches = map[string]int{"digits-xs": 32, "digits-s": 32, "digits-m": 32, "cells": 8}

// DefaultConfig returns the settings for a preset of the network ([nn.Presets]): regular features under C4, for cells tied kernels under
// D4, the cosine schedule, x₀ prediction at logit-normal times, RAdam, and a running mean of the weights at rate 0.999.
// docs/defaults.md says how they were chosen. Tied kernels of 3×3 taps under C4 commute with D4 ([nn.UNetConfig.Symmetry]): for WT
// under C4 choose nn.Pinwheel's taps. It returns an error that lists the presets if there is none of that name.
func DefaultConfig(preset string) (Config, error) {
	network, err := nn.Preset(preset)
	if err != nil {
		return Config{}, &ConfigError{Field: "preset", Value: preset, Reason: err.Error(), cause: err}
	}
	c := Config{Group: group.C4, Method: GC, Network: network, Times: LogitNormal, Batch: batches[preset], Steps: 20_000,
		Optimiser: nn.OptimiserConfig{Rule: nn.RAdam(), Clip: 1, Averages: []nn.Average{{Rate: 0.999, Ramp: true}}},
		Rate:      nn.LearningRate{Rate: 2e-3, Warmup: 100},
	}
	if network.Out == 3 {
		c.Group, c.Method = group.D4, WT
	}
	return c, nil
}

// Clone returns a copy that shares no memory with c.
func (c Config) Clone() Config {
	c.Network, c.Optimiser, c.Rate = c.Network.Clone(), c.Optimiser.Clone(), c.Rate.Clone()
	c.ClassNames = slices.Clone(c.ClassNames)
	return c
}

// Resolved returns a copy of c with all that follows from other settings, as trainers and models have it; nothing needs to be
// resolved by the caller. Network.Group and Network.Features are Group and scalar for WT, Group and regular for GC, the trivial group
// and scalar for the rest; Network.In is Network.Out, or twice that with Condition; Network.NoClass is whether DropClass is more than 0,
// Network.Labels those of Augmentation; Network.Groups and Network.Head are those that the network has, if it is valid
// ([nn.UNetConfig.Fitted]); Augment, if ByMethod, is On for Plain, OC, Reg and RegOC and Off for the others; Penalty is 1 where there
// is a regulariser and it was 0; Times is UniformTimes for EDM; Precision is Float32 where it was DefaultPrecision.
func (c Config) Resolved() Config {
	c = c.Clone()
	c.Precision = c.Precision.Or(Float32)
	n := &c.Network
	n.Group, n.Features, n.NoClass, n.Labels = group.C1, nn.Scalar, c.DropClass > 0, 0
	if c.Augmentation > 0 {
		n.Labels = warp.Labels
	}
	switch c.Method {
	case WT:
		n.Group = c.Group
	case GC:
		n.Group, n.Features = c.Group, nn.Regular
	}
	n.In = n.Out
	if c.Condition {
		n.In *= 2
	}
	if n.Validate() == nil {
		*n = n.Fitted()
	}
	if c.Schedule == EDM {
		c.Times = UniformTimes
	}
	if c.Augment == ByMethod {
		c.Augment = Off
		if c.Method != WT && c.Method != GC && c.Method != CF {
			c.Augment = On
		}
	}
	if c.Method.regularised() && c.Penalty == 0 {
		c.Penalty = 1
	}
	return c
}

// Process returns the diffusion process of the schedule, as [Schedule.Process] does.
func (c Config) Process() sde.Process { return c.Schedule.Process() }

// preconditioning returns what the network is asked for.
func (c Config) preconditioning() sde.Preconditioning {
	return [...]sde.Preconditioning{sde.PredictData{}, sde.PredictNoise{}, sde.PredictVelocity{}, sde.PredictEDM{}}[c.Predict]
}

// JSON returns the configuration as indented JSON, with what is derived of the network. It panics with a *ConfigError where a
// number is not finite: Validate says so.
func (c Config) JSON() []byte {
	c.Network = c.Resolved().Network
	return indented(c)
}

// ParseConfig reads a configuration from JSON and validates it. Members that it does not know are errors. All its errors are
// *ConfigErrors.
func ParseConfig(text []byte) (Config, error) { return parsed[Config](text) }

// metadata returns what a file says of the configuration.
func (c Config) metadata() map[string]string { return metadataOf(c.JSON()) }
