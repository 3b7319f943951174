package main

import (
	"spdiff/autodiff"
	"spdiff/group"
	"spdiff/nn"
	"spdiff/tensor"
)

// unetBatch are the batches of the presets in the scripts for other frameworks, which do not have digits-xs.
var unetBatch = map[string]int{"digits-xs": 64, "digits-s": 64, "digits-m": 32, "cells": 8}

// unetKinds are the networks that are timed: plain, with tied kernels, and with regular features as wide as the plain ones.
var unetKinds = []struct {
	prefix string
	make   func(nn.UNetConfig) nn.UNetConfig
}{
	{"unet/", func(c nn.UNetConfig) nn.UNetConfig { return c }},
	{"unet-wt/", tied},
	{"unet-gc/", regular},
}

// unetCases are the presets of each kind: a forward pass with packed weights, as in sampling, and a training step with AdamW.
func unetCases(p tensor.Precision) []benchCase {
	var all []benchCase
	for _, kind := range unetKinds {
		for _, name := range nn.Presets() {
			c, err := nn.Preset(name)
			if err != nil {
				panic(err)
			}
			prefix, c := kind.prefix, kind.make(c)
			batch := unetBatch[name]
			work := 2e-9 * float64(c.MultiplyAdds()) * float64(batch)
			all = append(all,
				benchCase{name: prefix + name + "/forward", batch: batch, work: work, program: func() *profiled { return forward(c, batch, p) }},
				benchCase{name: prefix + name + "/train", batch: batch, work: 3 * work, program: func() *profiled { return trainStep(c, batch, p) }})
		}
	}
	return all
}

// tied returns the network with kernels tied under C4, under D4 if its images have colours.
func tied(c nn.UNetConfig) nn.UNetConfig {
	if c.Group = group.C4; c.In == 3 {
		c.Group = group.D4
	}
	return c
}

// regular returns the network with regular features over the same group.
func regular(c nn.UNetConfig) nn.UNetConfig {
	c = tied(c)
	c.Features = nn.Regular
	return c
}

// A network is a U-Net with its inputs filled in.
type network struct {
	unet       *nn.UNet
	x, t, y, z *autodiff.Node
}

func newNetwork(c nn.UNetConfig, batch int, p tensor.Precision) network {
	u, err := nn.NewUNet(c)
	if err != nil {
		panic(err)
	}
	u.Init(1)
	n := network{unet: u, x: autodiff.Input("x", batch, c.ImageHeight, c.ImageWidth, c.In), t: autodiff.Input("t", batch)}
	if c.Classes > 0 {
		n.y = autodiff.Input("y", batch)
	}
	n.z = u.Apply(n.x, &nn.Conditions{Time: n.t, Class: n.y, Precision: p})
	return n
}

// fill gives the inputs values.
func (n network) fill(w *autodiff.Workspace) {
	x := w.Input(n.x)
	copy(x, ramp(len(x)))
	t := w.Input(n.t)
	for i := range t {
		t[i] = float32(1000 * i / len(t))
	}
}

func forward(c nn.UNetConfig, batch int, precision tensor.Precision) *profiled {
	n := newNetwork(c, batch, precision)
	p := autodiff.Compile(n.z)
	w := p.NewWorkspace()
	n.fill(w)
	w.Prepare()
	return &profiled{program: p, workspace: w}
}

func trainStep(c nn.UNetConfig, batch int, precision tensor.Precision) *profiled {
	n := newNetwork(c, batch, precision)
	params := n.unet.Params()
	var nodes []*autodiff.Node
	numbers := 0
	for _, p := range params {
		nodes = append(nodes, p.Node())
		numbers += p.Len()
	}
	loss := autodiff.MSE(n.z, n.x)
	grads := autodiff.Grad(loss, nodes...)
	p := autodiff.CompileStep(append(grads, loss)...)
	w := p.NewWorkspace()
	n.fill(w)
	var values [][]float32
	for _, g := range grads {
		values = append(values, w.Output(g))
	}
	opt := nn.NewOptimiser(nn.OptimiserConfig{Rule: nn.AdamW()}, params, values)
	return &profiled{program: p, workspace: w, params: numbers, after: func() {
		if _, err := opt.Step(1e-4); err != nil {
			panic(err)
		}
	}}
}
