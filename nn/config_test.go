package nn

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"spdiff/group"
)

func TestPresetsAreValid(t *testing.T) {
	for _, name := range Presets() {
		c, err := Preset(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range group.All() {
			c.Group = g
			if err := c.Validate(); err != nil {
				t.Errorf("%s over %v: %v", name, g, err)
			}
		}
	}
	if _, err := Preset("digits-xl"); err == nil || !strings.Contains(err.Error(), "digits-s, digits-m, cells") {
		t.Errorf("an unknown preset: %v; the presets should be listed", err)
	}
}

// Settings of the presets, most of which no shape of a weight shows.
func TestPresets(t *testing.T) {
	type settings struct {
		Head, Groups, Kernel int
		Taps                 Support
		Dropout              float64
		Attention            []int
	}
	for name, want := range map[string]settings{
		"digits-xs": {32, 32, 3, Square, 0, []int{4}}, "digits-s": {32, 32, 3, Square, 0, []int{4}}, "digits-m": {32, 32, 3, Square, 0, []int{4}},
		"cells": {32, 32, 3, Square, 0, []int{2, 4, 8}},
	} {
		c, err := Preset(name)
		if got := (settings{c.Head, c.Groups, c.Kernel, c.Taps, c.Dropout, c.Attention}); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s has %+v, %v; want %+v", name, got, err, want)
		}
	}
}

func TestConfigJSON(t *testing.T) {
	c := Cells()
	c.Group = group.D4
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var back UNetConfig
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(c, back) {
		t.Errorf("%+v became %+v on its way through JSON", c, back)
	}
	if !strings.Contains(string(text), `"group":"D4"`) {
		t.Errorf("the group does not stand by its name: %s", text)
	}
}

// Each edit breaks a preset in one place; the error must say where and what would be right.
func TestValidateSaysWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		edit func(*UNetConfig)
		want string
	}{
		{func(c *UNetConfig) { c.Mult = []int{1, 2, 2, 2} }, "unet: image is 28×28; level 3 is 3.5 pixels wide: 2 halvings fit (28→14→7); 32×32 would do"},
		{func(c *UNetConfig) { c.ImageHeight = 30 }, "unet: image is 30×28; level 2 is 7.5 pixels high: 1 halving fits (30→15); 32×28 would do"},
		{func(c *UNetConfig) { c.ImageWidth = 27 }, "unet: image is 28×27; level 1 is 13.5 pixels wide: no halving fits; 28×28 would do"},
		{func(c *UNetConfig) { c.Group, c.ImageHeight = group.C4, 32 }, "C4 does not act on a 32×28 grid"},
		{func(c *UNetConfig) { c.Kernel = 4 }, "half a pixel off; 3 would do"},
		{func(c *UNetConfig) { c.Kernel = 33 }, "kernel is 33; it must be from 1 to 31"},
		{func(c *UNetConfig) { c.Width = 48 }, "width is 48; input_blocks.1.0: 48 channels are no multiple of 32 groups; 64 would do"},
		{func(c *UNetConfig) { c.Width, c.Groups = 33, 33 }, "must be even"},
		{func(c *UNetConfig) { c.Head = 48 }, "head is 48; input_blocks.7.1: 64 channels are no multiple of a head's 48; 16 would do"},
		{func(c *UNetConfig) { c.Attention = []int{8} }, "the levels are smaller by the factors 1, 2, 4"},
		{func(c *UNetConfig) { c.Attention = []int{3} }, "the levels are smaller by the factors 1, 2, 4"},
		{func(c *UNetConfig) { c.Mult = nil }, "number of levels in mult is 0"},
		{func(c *UNetConfig) { c.Mult = []int{1, math.MaxInt, 2} }, "mult.1 is"},
		{func(c *UNetConfig) { c.Width, c.Mult = 1<<10, []int{4, 4, 4} }, "parameters, more than"},
		{func(c *UNetConfig) { c.Dropout = 1 }, "dropout is 1"},
		{func(c *UNetConfig) { c.Classes = -1 }, "classes is -1"},
		{func(c *UNetConfig) { c.In = 0 }, "in is 0"},
		{func(c *UNetConfig) { *c = UNetConfig{} }, "image_height is 0"},
	} {
		cfg := DigitsS()
		c.edit(&cfg)
		err := cfg.Validate()
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Validate says\n\t%v\nbut should say\n\t%s", err, c.want)
		}
		var e *ConfigError
		if !errors.As(err, &e) || e.Of != "unet" {
			t.Errorf("%v is no *ConfigError of the network", err)
		}
		if _, again := NewUNet(cfg); fmt.Sprint(again) != fmt.Sprint(err) {
			t.Errorf("NewUNet says %v where Validate says %v", again, err)
		}
	}
}

// The paper's networks on oblong images, where the group allows it.
func TestOblong(t *testing.T) {
	c := DigitsS()
	c.ImageHeight, c.ImageWidth = 20, 12
	for _, g := range group.All() {
		c.Group = g
		if got, want := c.Validate() == nil, g != group.C4 && g != group.D4; got != want {
			t.Errorf("a 20×12 image under %v is valid: %v, want %v", g, got, want)
		}
	}
}
