package spdiff

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"spdiff/nn"
)

// beside returns what a configuration says beside its network, as JSON, in the order of the names.
func beside(t *testing.T, c any) string {
	t.Helper()
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(text, &members); err != nil {
		t.Fatal(err)
	}
	delete(members, "network")
	if text, err = json.Marshal(members); err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The default settings are those of docs/defaults.md, number by number: a change of one is a change there, and of what is measured.
func TestDefaults(t *testing.T) {
	for preset, k := range map[string]struct {
		batch         int
		group, method string
	}{"digits-xs": {32, "C4", "gc"}, "digits-s": {32, "C4", "gc"}, "digits-m": {32, "C4", "gc"}, "cells": {8, "D4", "wt"}} {
		c, err := DefaultConfig(preset)
		if err != nil {
			t.Fatal(err)
		}
		want := fmt.Sprintf(`{"augment":"method","batch":%d,"condition":false,"group":%q,"method":%q,`+
			`"optimizer":{"rule":{"rectified":true,"beta1":0.9,"beta2":0.999,"eps":1e-8,"decay":0},"clip":1,"averages":[{"rate":0.999,"ramp":true}]},`+
			`"penalty":0,"predict":"x0","rate":{"rate":0.002,"warmup":100,"total":0,"floor":0},"rotate":false,"schedule":"cosine","seed":0,`+
			`"steps":20000,"times":"logit-normal","weight":"flat"}`, k.batch, k.group, k.method)
		if diff := cmp.Diff(want, beside(t, c)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", preset, diff)
		}
		if network, _ := nn.Preset(preset); !reflect.DeepEqual(c.Network, network) {
			t.Errorf("%s has another network", preset)
		}
	}
}

// A GAN's are SP-GAN's: Adam with β = 0 and 0.9, two updates of the discriminator a step at four times the generator's rate, batches of
// 64 and 32, and the networks of docs/gan.md.
func TestGANDefaults(t *testing.T) {
	const adam = `{"rule":{"rectified":false,"beta1":0,"beta2":0.9,"eps":1e-7,"decay":0},"clip":0,"averages":null}`
	for preset, k := range map[string]struct {
		batch             int
		group, loss       string
		generator, critic int64
	}{
		"gan-digits":       {64, "C4", `{"kind":"relativistic","weight":0.1,"alpha":2}`, 988_640, 93_121},
		"gan-digits-paper": {64, "C4", `{"kind":"relativistic","weight":0.1,"alpha":2}`, 2_631_296, 1_478_401},
		"gan-cells":        {32, "D4", `{"kind":"divergence","weight":10,"alpha":2}`, 2_085_396, 1_202_350},
	} {
		c, err := DefaultGANConfig(preset)
		if err != nil {
			t.Fatal(err)
		}
		want := fmt.Sprintf(`{"augment":false,"batch":%d,"critic_optimizer":%s,"critic_rate":{"rate":0.0004,"warmup":0,"total":0,"floor":0},`+
			`"critic_steps":2,"generator_optimizer":%s,"group":%q,"loss":%s,"rate":{"rate":0.0001,"warmup":0,"total":0,"floor":0},`+
			`"rotate":false,"seed":0,"steps":20000,"variant":"spgan"}`, k.batch, adam, adam, k.group, k.loss)
		if diff := cmp.Diff(want, beside(t, c)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", preset, diff)
		}
		if g, d := c.Network.GeneratorParameters(), c.Network.CriticParameters(); g != k.generator || d != k.critic {
			t.Errorf("%s has %d + %d parameters, want %d + %d", preset, g, d, k.generator, k.critic)
		}
	}
}
