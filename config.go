package spdiff

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"spdiff/group"
	"spdiff/nn"
	"spdiff/sde"
)

// A Config says what is trained and how. It is a plain value, saved as JSON beside the weights and within them;
// [DefaultConfig] is where to start. A model's bits are a function of its Config and Source alone.
type Config struct {
	Group     group.Group        `json:"group"`     // that of the data: what turns and mirrors leave it as likely
	Method    Method             `json:"method"`    // how the network respects it
	Network   nn.UNetConfig      `json:"network"`   // its Group, Features and In follow from the rest, see Normalise
	Schedule  Schedule           `json:"schedule"`  // of the noise
	Predict   Prediction         `json:"predict"`   // what the network predicts
	Weight    Weighting          `json:"weight"`    // how much errors count at each time
	Penalty   float64            `json:"penalty"`   // the weight of the regulariser for Reg and RegOC, else 0; the paper's code has 1
	Condition bool               `json:"condition"` // self-conditioning: the network sees its last prediction of x₀ as well
	Batch     int                `json:"batch"`     // images a step
	Rotate    bool               `json:"rotate"`    // one random element of Group acts on each image of the source, once and for all
	Augment   bool               `json:"augment"`   // a fresh random element acts at each draw
	Optimiser nn.OptimiserConfig `json:"optimizer"` // Averages[0] is the one that a Model has
	Rate      nn.LearningRate    `json:"rate"`      // the learning rate
	Seed      uint64             `json:"seed"`      // of first weights, order of images, times, noise, dropout
	Steps     int                `json:"steps"`     // how many steps Train makes
}

// batches are the presets' sizes of a batch.
var batches = map[string]int{"digits-s": 64, "digits-m": 32, "cells": 8}

// DefaultConfig returns the settings for a preset of the network ([nn.Presets]): tied kernels under C4 (D4 for cells), the
// cosine schedule, x₀ prediction, RAdam, and a running mean of the weights at rate 0.999. It returns an error that lists
// the presets if there is none of that name.
func DefaultConfig(preset string) (Config, error) {
	network, err := nn.Preset(preset)
	if err != nil {
		return Config{}, err
	}
	c := Config{Group: group.C4, Network: network, Batch: batches[preset], Steps: 20_000,
		Optimiser: nn.OptimiserConfig{Rule: nn.RAdam(), Clip: 1, Averages: []nn.Average{{Rate: 0.999, Ramp: true}}},
		Rate:      nn.LearningRate{Rate: 2e-3, Warmup: 100},
	}
	if network.In == 3 {
		c.Group = group.D4
	}
	return c.Normalise(), nil
}

// Normalise returns c with those settings changed that follow from others: Network.Group and Network.Features are Group and
// scalar for WT, Group and regular for GC, the trivial group and scalar for the rest; Network.In is Network.Out, or twice that
// with Condition; Penalty is 1 where there is a regulariser and none was set, and 0 where there is none.
func (c Config) Normalise() Config {
	c.Network.Group, c.Network.Features = group.C1, nn.Scalar
	switch c.Method {
	case WT:
		c.Network.Group = c.Group
	case GC:
		c.Network.Group, c.Network.Features = c.Group, nn.Regular
	}
	c.Network.In = c.Network.Out
	if c.Condition {
		c.Network.In *= 2
	}
	switch {
	case !c.Method.regularised():
		c.Penalty = 0
	case c.Penalty == 0:
		c.Penalty = 1
	}
	return c
}

// Validate returns nil if a model can be trained, else an error that says which setting is wrong and what would be right.
func (c Config) Validate() error {
	want := c.Normalise()
	switch {
	case !methods.has(int(c.Method)):
		return fmt.Errorf("config: method is %v; there are %s", c.Method, strings.Join(methods, ", "))
	case !predictions.has(int(c.Predict)):
		return fmt.Errorf("config: predict is %v; there are %s", c.Predict, strings.Join(predictions, ", "))
	case !schedules.has(int(c.Schedule)):
		return fmt.Errorf("config: schedule is %v; there are %s", c.Schedule, strings.Join(schedules, ", "))
	case !weightings.has(int(c.Weight)):
		return fmt.Errorf("config: weight is %v; there are %s", c.Weight, strings.Join(weightings, ", "))
	case c.Network.Group != want.Network.Group:
		return fmt.Errorf("config: method %v under group %v needs a network under %v, not under %v", c.Method, c.Group,
			want.Network.Group, c.Network.Group)
	case c.Network.Features != want.Network.Features:
		return fmt.Errorf("config: method %v needs a network of %v features, not of %v ones", c.Method, want.Network.Features, c.Network.Features)
	case c.Network.In != want.Network.In:
		return fmt.Errorf("config: the network maps %d channels to %d; a denoiser has as many in as out, or, where it is conditioned on "+
			"its own prediction, twice as many", c.Network.In, c.Network.Out)
	case !(c.Penalty >= 0) || math.IsInf(c.Penalty, 0) || c.Penalty > 0 != c.Method.regularised():
		return fmt.Errorf("config: penalty is %v; it is positive for %v and %v, and 0 for the other methods", c.Penalty, Reg, RegOC)
	case c.Batch < 1 || c.Batch > 1<<16:
		return fmt.Errorf("config: batch is %d; it must be from 1 to %d", c.Batch, 1<<16)
	case c.Steps < 0:
		return fmt.Errorf("config: steps is %d; it must not be negative", c.Steps)
	case len(c.Optimiser.Averages) == 0:
		return fmt.Errorf("config: optimiser has no averages; a model is the first of them (rate 0 is the last weights)")
	}
	if err := c.Group.Acts(c.Network.ImageHeight, c.Network.ImageWidth); err != nil {
		return fmt.Errorf("config: %w", err)
	}
	for _, err := range []error{c.Network.Validate(), c.Optimiser.Validate(), c.Rate.Validate()} {
		if err != nil {
			return fmt.Errorf("config: %w", err)
		}
	}
	return nil
}

// process returns the diffusion process of the schedule.
func (c Config) process() sde.Process { return processes[c.Schedule] }

// preconditioning returns what the network is asked for.
func (c Config) preconditioning() sde.Preconditioning {
	return [...]sde.Preconditioning{sde.PredictData{}, sde.PredictNoise{}, sde.PredictVelocity{}, sde.PredictEDM{}}[c.Predict]
}

// JSON returns the configuration as indented JSON.
func (c Config) JSON() []byte {
	text, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		panic(err) // plain values and finite numbers
	}
	return append(text, '\n')
}

// ParseConfig reads a configuration from JSON and validates it. Members that it does not know are errors.
func ParseConfig(text []byte) (Config, error) {
	var c Config
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		return Config{}, fmt.Errorf("config: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return Config{}, errors.New("config: something follows the JSON object")
	}
	return c, c.Validate()
}
