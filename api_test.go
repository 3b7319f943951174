package spdiff

import (
	"bytes"
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"spdiff/group"
	"spdiff/sde"
)

// A caller calls the library with settings drawn at random, some of which are wild: values that compile and that nobody means.
type caller struct {
	*rand.Rand
	t *testing.T
}

var (
	wildInts   = []int64{-1, 0, 1, 2, 3, 5, 64, 1 << 16, math.MaxInt32, math.MaxInt64, math.MinInt64}
	wildFloats = []float64{-1, 0, 0.5, 1, 2, 1e-300, 1e300, math.NaN(), math.Inf(1), math.Inf(-1)}
)

// spoil sets some of the fields of a struct, and of those in it, to wild values: each with odds of one to so many.
func (r caller) spoil(v reflect.Value, odds int) {
	if v.Type() == reflect.TypeFor[group.Group]() {
		if r.IntN(odds) == 0 {
			v.Set(reflect.ValueOf(group.All()[r.IntN(7)]))
		}
		return
	}
	if v.Kind() == reflect.Struct {
		for i := range v.NumField() {
			r.spoil(v.Field(i), odds)
		}
		return
	}
	if r.IntN(odds) > 0 {
		return
	}
	switch {
	case v.CanInt():
		v.SetInt(wildInts[r.IntN(len(wildInts))])
	case v.CanUint():
		v.SetUint(r.Uint64())
	case v.CanFloat():
		v.SetFloat(wildFloats[r.IntN(len(wildFloats))])
	case v.Kind() == reflect.Bool:
		v.SetBool(r.IntN(2) == 0)
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), r.IntN(4), 4))
		for i := range v.Len() {
			r.spoil(v.Index(i), 2)
		}
	}
}

// config returns the configuration of a small network, spoilt now and then.
func (r caller) config() Config {
	c := minute()
	c.Group, c.Method, c.Condition = group.All()[r.IntN(7)], Methods()[r.IntN(len(methods))], r.IntN(3) == 0
	if c.Method == GC {
		c.Network.Width = 8
	}
	if r.IntN(8) == 0 { // room for a window of the structural similarity
		c.Network.ImageHeight, c.Network.ImageWidth = 8, 8
	}
	c.Predict, c.Schedule, c.Weight = Predictions()[r.IntN(len(predictions))], Schedules()[r.IntN(len(schedules))], Weightings()[r.IntN(len(weightings))]
	c.Times = AllTimes()[r.IntN(len(timesNames))]
	c.Augment, c.Rotate, c.Steps, c.Seed = Switch(r.IntN(3)), r.IntN(2) == 0, r.IntN(4), r.Uint64()
	if r.IntN(2) == 0 {
		r.spoil(reflect.ValueOf(&c).Elem(), 40)
	}
	return c
}

// source returns images of a shape, or others.
func (r caller) source(h, w, c int) Source {
	switch r.IntN(12) {
	case 0:
		return Limit(blobs{5, 4}, r.IntN(3)-1)
	case 1:
		return nil
	}
	return images{h, w, c}
}

// expected reports whether there is no error, and fails if there is one that the documentation does not name.
func (r caller) expected(what string, err error, named ...any) bool {
	r.t.Helper()
	if err != nil && !slices.ContainsFunc(named, func(target any) bool { return errors.As(err, target) }) {
		r.t.Errorf("%s: %v (%T)", what, err, err)
	}
	return err == nil
}

// trained is expected of what trains a model, used of what is done with one.
func (r caller) trained(what string, err error) bool {
	r.t.Helper()
	return r.expected(what, err, new(*ConfigError), new(*SourceError), new(*MemoryError), new(*DivergedError))
}

func (r caller) used(what string, err error) bool {
	r.t.Helper()
	return r.expected(what, err, new(*SettingError), new(*ImageError), new(*MemoryError), new(*sde.NotFiniteError), new(*sde.TieError), new(*sde.ToleranceError))
}

// quick reports whether a configuration that is valid trains in a moment, so that it can be tried.
func (c Config) quick() bool {
	n := c.Resolved().Network
	return n.Parameters() < 1<<16 && float64(c.Batch)*float64(n.ImageHeight)*float64(n.ImageWidth)*float64(n.Width) < 1<<13 && c.Steps < 8
}

// try does all that a program does with a configuration.
func (r caller) try(c Config) {
	err := c.Validate()
	before := c.Clone()
	if bytes := c.StateBytes(); (bytes > 0) != (err == nil) {
		r.t.Errorf("a state of %d bytes, and %v", bytes, err)
	}
	if err == nil {
		back, err := ParseConfig(c.JSON())
		if err != nil || !slices.Equal(back.JSON(), c.JSON()) {
			r.t.Errorf("it comes back as %s, %v", back.JSON(), err)
		}
		if !c.quick() {
			return
		}
	}
	m, e := Train(context.Background(), c, r.source(c.Network.ImageHeight, c.Network.ImageWidth, c.Network.Out), nil)
	r.trained("train", e)
	if err != nil && m != nil {
		r.t.Errorf("a model in spite of %v", err)
	}
	if m != nil {
		if slices.ContainsFunc(weights(m), func(b uint32) bool { return b>>23&0xff == 0xff }) {
			r.t.Errorf("weights that are not finite (%v)", e)
		}
		r.use(m)
		switch r.IntN(4) { // what takes as long as all else
		case 0:
			r.resume(c)
		case 1:
			r.saveModel(m)
		}
	}
	if diff := cmp.Diff(before, c, cmp.Comparer(func(x, y group.Group) bool { return x == y }), cmp.Comparer(sameFloat)); diff != "" {
		r.t.Errorf("the configuration was changed (-before +after):\n%s", diff)
	}
}

func sameFloat(x, y float64) bool { return x == y || x != x && y != y }

// resume trains in two parts, by a folder of states.
func (r caller) resume(c Config) {
	folder, n := r.t.TempDir(), c.Network
	source := images{n.ImageHeight, n.ImageWidth, n.Out}
	tr, err := NewTrainer(c, source)
	if !r.trained("trainer", err) {
		return
	}
	cut := r.IntN(c.Steps + 1)
	err = tr.Run(context.Background(), func(s Step) error {
		s.Scalars()
		if s.Number >= cut {
			return ErrStop
		}
		return nil
	})
	if !r.trained("run", err) {
		return
	}
	if err := tr.Checkpoint(folder); err != nil {
		r.t.Error(err)
	}
	back, damaged, err := ResumeLast(folder, source, c.Steps)
	if !r.trained("resume", err) || damaged != nil {
		r.t.Errorf("damaged: %v", damaged)
		return
	}
	a, b := tr.Run(context.Background(), nil), back.Run(context.Background(), nil)
	r.trained("the whole", a)
	if (a == nil) != (b == nil) || a == nil && !slices.Equal(weights(tr.Model()), weights(back.Model())) {
		r.t.Errorf("the resumed training differs: %v, %v", a, b)
	}
	if _, err := Resume(filepath.Join(folder, "none"), source, -1); err == nil {
		r.t.Error("a file that is not there is resumed")
	}
}

func (r caller) saveModel(m *Model) {
	path := filepath.Join(r.t.TempDir(), "model.safetensors")
	if err := m.Save(path); err != nil {
		r.t.Error(err)
	}
	back, err := Load(path)
	if err != nil {
		r.t.Error(err)
		return
	}
	if diff := cmp.Diff(string(m.Config().JSON()), string(back.Config().JSON())); diff != "" {
		r.t.Errorf("the model's configuration (-saved +loaded):\n%s", diff)
	}
	r.encode(m)
}

// encode writes a model to memory and reads it back, whole and cut off.
func (r caller) encode(m *Model) {
	var file bytes.Buffer
	if err := m.Encode(&file); err != nil {
		r.t.Error(err)
		return
	}
	back, err := Decode(bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil || !slices.Equal(weights(back), weights(m)) {
		r.t.Errorf("what is decoded has other weights (%v)", err)
	}
	n := r.IntN(file.Len())
	if _, err := Decode(bytes.NewReader(file.Bytes()[:n]), int64(n)); err == nil {
		r.t.Errorf("the first %d of %d bytes are a model", n, file.Len())
	}
}

// Whatever a program that compiles asks of the library, it does or says why not: nothing panics, but what the documentation says of
// Degrade, errors are those that it names, and images are within their range. An input takes a few milliseconds.
func FuzzAPI(f *testing.F) {
	for seed := range uint64(200) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		r := caller{rand.New(rand.NewPCG(seed, 5)), t}
		c := r.config()
		r.try(c)
		if t.Failed() {
			t.Logf("%+v", c)
		}
		if r.IntN(8) > 0 { // a GAN takes some times as long
			return
		}
		g := r.ganConfig()
		r.tryGAN(g)
		if t.Failed() {
			t.Logf("%+v", g)
		}
	})
}
