package main

import (
	"spdiff"
	"spdiff/nn"
)

// config returns the configuration of a model with this network. What is of training alone is the default's.
func (o *options) config(network nn.UNetConfig) (spdiff.Config, error) {
	c, err := spdiff.DefaultConfig(nn.Presets()[0])
	if err != nil {
		return c, err
	}
	c.Network, c.Schedule, c.Predict, c.Method, c.Group, c.Condition = network, o.schedule, o.predict, o.method, o.group, o.condition
	return c.Resolved(), c.Validate()
}

// metadata is where a model's file says what it is and has its configuration, for spdiff.Load.
func metadata(c spdiff.Config) map[string]string {
	return map[string]string{"config": string(c.JSON()), "kind": spdiff.KindDiffusion}
}
