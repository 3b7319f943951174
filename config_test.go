package spdiff

import (
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"spdiff/group"
	"spdiff/nn"
	"spdiff/sde"
)

// What a method implies is derived, whatever was there, and what it leaves open stays.
func TestResolved(t *testing.T) {
	for _, k := range []struct {
		method   Method
		group    group.Group
		features nn.Representation
		augment  Switch
		penalty  float64
	}{
		{WT, group.D4, nn.Scalar, Off, 0},
		{GC, group.D4, nn.Regular, Off, 0},
		{CF, group.C1, nn.Scalar, Off, 0},
		{OC, group.C1, nn.Scalar, On, 0},
		{Plain, group.C1, nn.Scalar, On, 0},
		{Reg, group.C1, nn.Scalar, On, 1},
		{RegOC, group.C1, nn.Scalar, On, 1},
	} {
		c := tiny(group.D4, k.method)
		c.Augment, c.Condition = ByMethod, true
		c.Network.Group, c.Network.Features, c.Network.In = group.H, nn.Regular, 17
		r := c.Resolved()
		n := r.Network
		if n.Group != k.group || n.Features != k.features || n.In != 2 || r.Augment != k.augment || r.Penalty != k.penalty {
			t.Errorf("%v: %v, %v, %d channels in, augment %v, penalty %v", k.method, n.Group, n.Features, n.In, r.Augment, r.Penalty)
		}
		if c.Network.In != 17 {
			t.Errorf("%v: the original was changed", k.method)
		}
		if diff := cmp.Diff(string(r.JSON()), string(r.Resolved().JSON())); diff != "" {
			t.Errorf("%v: resolved twice (-once +twice):\n%s", k.method, diff)
		}
		for _, augment := range []Switch{On, Off} {
			if c.Augment = augment; c.Resolved().Augment != augment {
				t.Errorf("%v: what is said of augment is changed", k.method)
			}
		}
	}
	c := tiny(group.C4, Reg)
	if c.Penalty = 3; c.Resolved().Penalty != 3 {
		t.Error("a penalty is changed")
	}
}

// A configuration that leaves to the library what follows trains as one that says it all.
func TestConfigMeansWhatItSays(t *testing.T) {
	for _, m := range []Method{OC, GC, WT} {
		c := tiny(group.C4, m)
		c.Augment = ByMethod
		whole := c.Resolved()
		a, b := train(t, c), train(t, whole)
		if !slices.Equal(weights(a), weights(b)) {
			t.Errorf("%v: other weights", m)
		}
		if diff := cmp.Diff(string(whole.JSON()), string(a.Config().JSON())); diff != "" {
			t.Errorf("%v: the model's configuration (-resolved +model):\n%s", m, diff)
		}
	}
	upright, turned := tiny(group.C4, OC), tiny(group.C4, OC)
	upright.Augment, turned.Augment = Off, ByMethod
	if slices.Equal(weights(train(t, upright)), weights(train(t, turned))) {
		t.Error("OC trains on upright images")
	}
}

// What is written to a configuration changes no trainer and no model that was made of it, nor what they return.
func TestConfigIsCopied(t *testing.T) {
	c := tiny(group.C4, WT)
	tr := trainer(t, c, blobs{10, 8})
	want := string(tr.Config().JSON())
	spoil := func(c Config) {
		c.Network.Mult[1], c.Network.Attention[0], c.Optimiser.Averages[0].Rate = 3, 1, 0.5
	}
	spoil(c)
	spoil(tr.Config())
	m := tr.Model()
	spoil(m.Config())
	for name, got := range map[string]Config{"trainer": tr.Config(), "model": m.Config()} {
		if diff := cmp.Diff(want, string(got.JSON())); diff != "" {
			t.Errorf("the %s's configuration (-before +after):\n%s", name, diff)
		}
	}
	if _, err := tr.Step(); err != nil {
		t.Error(err)
	}
}

// Every setting that would lose a training is an error of the configuration before there is one: it names the field as JSON does,
// and what would do.
func TestConfigErrors(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, k := range []struct {
		field, want string
		change      func(c *Config)
	}{
		{"method", "wt, plain, oc, reg, reg-oc, gc, cf", func(c *Config) { c.Method = 7 }},
		{"method", "wt, plain", func(c *Config) { c.Method = -1 }},
		{"predict", "x0, eps", func(c *Config) { c.Predict = 9 }},
		{"schedule", "cosine, linear", func(c *Config) { c.Schedule = -3 }},
		{"weight", "flat, x0", func(c *Config) { c.Weight = math.MaxInt }},
		{"augment", "method, on, off", func(c *Config) { c.Augment = 3 }},
		{"penalty", "it must be 0, or the method reg or reg-oc", func(c *Config) { c.Penalty = 1 }},
		{"penalty", "from 0", func(c *Config) { c.Method, c.Penalty = Reg, nan }},
		{"penalty", "from 0", func(c *Config) { c.Method, c.Penalty = Reg, -1 }},
		{"penalty", "1e+06", func(c *Config) { c.Method, c.Penalty = Reg, 1e300 }},
		{"drop_class", "less than 1", func(c *Config) { c.DropClass = 1 }},
		{"drop_class", "at least 0", func(c *Config) { c.DropClass = nan }},
		{"drop_class", "no classes", func(c *Config) { c.DropClass, c.Network.Classes = 0.1, 0 }},
		{"augmentation", "from 0", func(c *Config) { c.Augmentation = 1.5 }},
		{"augmentation", "from 0", func(c *Config) { c.Augmentation = nan }},
		{"batch", "from 1 to 65536", func(c *Config) { c.Batch = 0 }},
		{"batch", "from 1 to 65536", func(c *Config) { c.Batch = math.MaxInt }},
		{"steps", "from 0 to", func(c *Config) { c.Steps = -1 }},
		{"class_names", "name all of them or none", func(c *Config) { c.ClassNames = make([]string, 7) }},
		{"optimizer.averages", "rate 0.999", func(c *Config) { c.Optimiser.Averages = nil }},
		{"optimizer", "averages", func(c *Config) { c.Optimiser.Averages = make([]nn.Average, 1<<20) }},
		{"optimizer", "clip", func(c *Config) { c.Optimiser.Clip = nan }},
		{"", "", func(c *Config) { c.Optimiser.Clip = inf }},
		{"optimizer", "beta2", func(c *Config) { c.Optimiser.Rule.Beta2 = 1 }},
		{"rate", "rate", func(c *Config) { c.Rate.Rate = inf }},
		{"network", "dropout", func(c *Config) { c.Network.Dropout = nan }},
		{"network", "kernel", func(c *Config) { c.Network.Kernel = 4 }},
		{"network", "8", func(c *Config) { c.Method, c.Network.Width = GC, 12 }},
		{"network.out", "1 for grey", func(c *Config) { c.Network.Out = 0 }},
		{"network.out", "from 1 to", func(c *Config) { c.Network.Out, c.Condition = math.MaxInt, true }},
		{"group", "act", func(c *Config) { c.Method, c.Network.ImageWidth = CF, 12 }},
	} {
		c := tiny(group.D4, WT)
		k.change(&c)
		_, err := NewTrainer(c, blobs{10, 8})
		var e *ConfigError
		if !errors.As(err, &e) || k.field != "" && e.Field != k.field || !strings.Contains(err.Error(), k.want) {
			t.Errorf("%v; want a *ConfigError of %s with %q", err, k.field, k.want)
		}
		if c.StateBytes() != 0 {
			t.Errorf("%s: a state of %d bytes", k.field, c.StateBytes())
		}
	}
	var e *ConfigError
	if err := (Config{}).Validate(); !errors.As(err, &e) || (Config{}).StateBytes() != 0 {
		t.Errorf("the zero configuration: %v", err)
	}
	if _, err := DefaultConfig("none"); !errors.As(err, &e) || !strings.Contains(err.Error(), "digits-s") {
		t.Errorf("a preset that is not there: %v", err)
	}
}

// A configuration comes back from JSON. So do those of before there was a switch, penalties, conditions or features.
func TestConfigJSON(t *testing.T) {
	for _, c := range every(group.D4) {
		for _, c.Augment = range []Switch{ByMethod, On, Off} {
			if back, err := ParseConfig(c.JSON()); err != nil || cmp.Diff(string(c.JSON()), string(back.JSON())) != "" {
				t.Errorf("%s (%v), -saved +read:\n%s", c.title(), err, cmp.Diff(string(c.JSON()), string(back.JSON())))
			}
		}
	}
	var old map[string]any
	if err := json.Unmarshal(tiny(group.C4, WT).JSON(), &old); err != nil {
		t.Fatal(err)
	}
	delete(old, "penalty")
	delete(old, "condition")
	delete(old["network"].(map[string]any), "features")
	for text, want := range map[string]Switch{"true": On, "false": Off, `"method"`: ByMethod, "null": ByMethod} {
		old["augment"] = json.RawMessage(text)
		b, err := json.Marshal(old)
		if err != nil {
			t.Fatal(err)
		}
		if c, err := ParseConfig(b); err != nil || c.Augment != want {
			t.Errorf("augment %s is %v, %v", text, c.Augment, err)
		}
	}
	var e *ConfigError
	for _, text := range []string{"", "{", "[]", "{} {}", `{"batches": 1}`, `{"method": "magic"}`, `{"augment": "often"}`, `{"group": "C3"}`} {
		if _, err := ParseConfig([]byte(text)); !errors.As(err, &e) {
			t.Errorf("%s: %v; want a *ConfigError", text, err)
		}
	}
	defer func() {
		if e, ok := recover().(*ConfigError); !ok || !strings.Contains(e.Error(), "finite") {
			t.Errorf("recovered %v", e)
		}
	}()
	Config{Penalty: math.NaN()}.JSON()
}

// The lists have all that there is, each under its own name.
func TestLists(t *testing.T) {
	if got := Methods(); !slices.Equal(got, []Method{WT, Plain, OC, Reg, RegOC, GC, CF}) {
		t.Errorf("methods %v", got)
	}
	if got := Schedules(); !slices.Equal(got, []Schedule{Cosine, Linear, SubVP, VE, EDM, Nichol}) {
		t.Errorf("schedules %v", got)
	}
	if got := Predictions(); !slices.Equal(got, []Prediction{Image, Noise, Velocity, Preconditioned}) {
		t.Errorf("predictions %v", got)
	}
	if got := Weightings(); !slices.Equal(got, []Weighting{Flat, DataError, NoiseError, ScoreError, LikelihoodBound, MinSNR}) {
		t.Errorf("weightings %v", got)
	}
	if got := AllTimes(); !slices.Equal(got, []Times{UniformTimes, LogitNormal}) {
		t.Errorf("times %v", got)
	}
	for _, s := range Schedules() {
		if s.Process() == nil || s.Process() != (Config{Schedule: s}).Process() {
			t.Errorf("%v: process %v", s, s.Process())
		}
	}
	defer func() {
		if e, ok := recover().(*ConfigError); !ok || e.Field != "schedule" {
			t.Errorf("recovered %v", e)
		}
	}()
	Schedule(99).Process()
}

// Each name stands for the mathematics that package sde has under its own.
func TestNamesAreMathematics(t *testing.T) {
	processes := map[string]sde.Process{"cosine": sde.PaperCosine, "linear": sde.SongLinear, "sub-vp": sde.SongSubVP, "ve": sde.SongVE,
		"edm": sde.EDM{}, "nichol": sde.Nichol{}}
	for _, s := range Schedules() {
		if want := processes[s.String()]; s.Process() != want {
			t.Errorf("schedule %v is %#v, want %#v", s, s.Process(), want)
		}
	}
	asked := map[string]sde.Preconditioning{"x0": sde.PredictData{}, "eps": sde.PredictNoise{}, "v": sde.PredictVelocity{}, "edm": sde.PredictEDM{}}
	for _, p := range Predictions() {
		if got, want := (Config{Predict: p}).preconditioning(), asked[p.String()]; got != want {
			t.Errorf("prediction %v is %#v, want %#v", p, got, want)
		}
	}
	weighed := map[string]sde.Weight{"x0": sde.DataWeight, "eps": sde.NoiseWeight, "score": sde.ScoreWeight, "likelihood": sde.LikelihoodWeight,
		"min-snr": sde.MinSNR(5)}
	const early = 0.05 // where α²/σ² is 160, and all of them differ

	for _, w := range Weightings()[1:] { // the first, flat, is none of D's errors
		if got, want := errorWeights[w](sde.PaperCosine, early), weighed[w.String()](sde.PaperCosine, early); got != want {
			t.Errorf("weighting %v is %v at time %v, want %v", w, got, early, want)
		}
	}
}
