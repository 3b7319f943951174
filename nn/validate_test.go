package nn

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"spdiff/group"
)

// follow returns c with the setting as the error says, or false if it says nothing.
func follow(t *testing.T, c UNetConfig, e *ConfigError) (UNetConfig, bool) {
	t.Helper()
	if e.Field == "image" {
		_, err := fmt.Sscanf(e.Works.(string), "%d×%d", &c.ImageHeight, &c.ImageWidth)
		return c, err == nil
	}
	if e.Works == nil {
		return c, false
	}
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var members map[string]any
	if err := json.Unmarshal(text, &members); err != nil {
		t.Fatal(err)
	}
	if field, index, ok := strings.Cut(e.Field, "."); ok {
		i, _ := strconv.Atoi(index)
		members[field].([]any)[i] = e.Works
	} else {
		members[e.Field] = e.Works
	}
	if text, err = json.Marshal(members); err != nil {
		t.Fatal(err)
	}
	var back UNetConfig
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatalf("%s = %v: %v", e.Field, e.Works, err)
	}
	return back, true
}

// Who does what the errors say soon has a network; who errs in one setting, at once.
func TestAdviceWorks(t *testing.T) {
	with := func(edit func(*UNetConfig)) UNetConfig {
		c := DigitsS()
		edit(&c)
		return c
	}
	configs := map[string]UNetConfig{
		"kernel":        with(func(c *UNetConfig) { c.Kernel = 4 }),
		"pinwheel":      with(func(c *UNetConfig) { c.Kernel, c.Taps = 4, Pinwheel }),
		"head":          with(func(c *UNetConfig) { c.Head = 48 }),
		"factor":        with(func(c *UNetConfig) { c.Attention = []int{4, 16} }),
		"odd width":     with(func(c *UNetConfig) { c.Width = 33 }),
		"odd groups":    with(func(c *UNetConfig) { c.Groups = 33 }),
		"mult":          with(func(c *UNetConfig) { c.Mult = []int{1, 0, 2} }),
		"classes":       with(func(c *UNetConfig) { c.Classes = -3 }),
		"dropout":       with(func(c *UNetConfig) { c.Dropout = math.Nextafter(1, 0) }),
		"oblong":        with(func(c *UNetConfig) { c.Group, c.ImageHeight, c.ImageWidth = group.C4, 30, 27 }),
		"large":         with(func(c *UNetConfig) { c.Width, c.Mult = 1<<10, []int{4, 4, 4} }),
		"large regular": with(func(c *UNetConfig) { c.Width, c.Mult, c.Group, c.Features = 1<<13, []int{4, 4, 4}, group.D4, Regular }),
	}
	for width := 2; width < 200; width += 2 {
		configs[fmt.Sprint("width ", width)] = with(func(c *UNetConfig) { c.Width = width })
		configs[fmt.Sprint("regular width ", width)] = with(func(c *UNetConfig) { c.Width, c.Features, c.Group = width, Regular, group.D4 })
	}
	for side := 1; side < 70; side++ {
		configs[fmt.Sprint("side ", side)] = with(func(c *UNetConfig) { c.ImageHeight, c.ImageWidth, c.Group = side, side, group.D4 })
	}
	for name, c := range configs {
		err := c.Validate()
		if err == nil {
			continue
		}
		var e *ConfigError
		if !errors.As(err, &e) {
			t.Fatalf("%s: %T", name, err)
		}
		better, ok := follow(t, c, e)
		if !ok || better.Validate() != nil {
			t.Errorf("%s: %v; having done so: %v", name, err, better.Validate())
		}
	}
	for _, name := range []string{"width 20", "width 48", "side 27", "side 30", "large", "oblong"} {
		if c := configs[name]; c.Validate() == nil {
			t.Errorf("%s passes; the test has nothing to ask", name)
		}
	}
}

// Whatever the settings are, hostile ones too, Validate returns, and following its advice ends.
func TestHostileConfigs(t *testing.T) {
	bad := []int{math.MinInt, -1, 0, 1, 3, 33, 1 << 16, 65535, math.MaxInt}
	for _, v := range bad {
		for i := range 12 {
			c := DigitsS()
			settings := []*int{&c.ImageHeight, &c.ImageWidth, &c.In, &c.Out, &c.Width, &c.Mult[1], &c.Blocks, &c.Attention[0], &c.Head, &c.Classes, &c.Groups, &c.Kernel}
			*settings[i] = v
			var e *ConfigError
			for rounds := 0; errors.As(c.Validate(), &e); rounds++ {
				next, ok := follow(t, c, e)
				if !ok || rounds == 6 {
					t.Errorf("setting %d of %d: after %d rounds: %v", i, v, rounds, e)
					break
				}
				c, e = next, nil
			}
		}
	}
	c := DigitsS()
	c.Features = 7
	if err := c.Validate(); err == nil || c.Features.String() == "" {
		t.Error("a representation that there is not passes")
	}
}

// Settings with which a run would end in NaN, or stand still, are refused by name.
func TestLostTrainings(t *testing.T) {
	nan, inf, tiny := math.NaN(), math.Inf(1), math.SmallestNonzeroFloat64
	for field, c := range map[string]struct {
		validate func(v float64) error
		bad      []float64
	}{
		"clip":       {func(v float64) error { return OptimiserConfig{Rule: AdamW(), Clip: v}.Validate() }, []float64{nan, inf, -inf, tiny, 1e300, -1}},
		"rule.beta1": {func(v float64) error { r := RAdam(); r.Beta1 = v; return r.Validate() }, []float64{nan, inf, -tiny, 1, math.Nextafter(1, 0)}},
		"rule.beta2": {func(v float64) error { r := RAdam(); r.Beta2 = v; return r.Validate() }, []float64{nan, inf, -tiny, 1, math.Nextafter(1, 0)}},
		"rule.eps":   {func(v float64) error { r := AdamW(); r.Eps = v; return r.Validate() }, []float64{nan, inf, 0, tiny, -1e-8, 1e300}},
		"rule.decay": {func(v float64) error { r := AdamW(); r.Decay = v; return r.Validate() }, []float64{nan, inf, -tiny, 1e300}},
		"averages.0.rate": {func(v float64) error {
			return OptimiserConfig{Rule: AdamW(), Averages: []Average{{Rate: v}}}.Validate()
		}, []float64{nan, inf, 1, math.Nextafter(1, 0), -1}},
		"rate":    {func(v float64) error { return LearningRate{Rate: v}.Validate() }, []float64{nan, inf, 0, tiny, -1, 1e300}},
		"floor":   {func(v float64) error { return LearningRate{Rate: 1e-3, Floor: v}.Validate() }, []float64{nan, inf, -tiny, 2}},
		"dropout": {func(v float64) error { c := DigitsS(); c.Dropout = v; return c.Validate() }, []float64{nan, inf, -tiny, 1, 0.99999}},
	} {
		for _, v := range c.bad {
			var e *ConfigError
			if err := c.validate(v); !errors.As(err, &e) || e.Field != field {
				t.Errorf("%s of %v: %v", field, v, err)
			} else if works, ok := e.Works.(float64); !ok || c.validate(works) != nil {
				t.Errorf("%s of %v: the advice %v does not work", field, v, e.Works)
			}
		}
	}
	for _, s := range []LearningRate{{Rate: 1, Warmup: -1}, {Rate: 1, Warmup: 10, Total: 10}, {Rate: 1, Total: -5}, {Rate: 1, Total: math.MaxInt}, {Rate: 1, Warmup: math.MaxInt}} {
		var e *ConfigError
		if err := s.Validate(); strconv.IntSize == 64 && !errors.As(err, &e) {
			t.Errorf("%+v: %v", s, err)
		}
	}
}

// A network and an optimiser keep copies of their configurations.
func TestConfigsAreCopied(t *testing.T) {
	c := small(group.C1, 8, 8)
	u := randomUNet(t, c, 1)
	c.Mult[0], c.Attention[0] = 77, 78
	if u.Config.Mult[0] == 77 || u.Config.Attention[0] == 78 {
		t.Error("writing to a configuration changes the network that was made of it")
	}
	o := OptimiserConfig{Rule: AdamW(), Averages: []Average{{Rate: 0.5}}}
	params, grads := free(3)
	made := NewOptimiser(o, params, grads)
	o.Averages[0].Rate = 0.9
	if made.config.Averages[0].Rate != 0.5 {
		t.Error("writing to a configuration changes the optimiser that was made of it")
	}
}
