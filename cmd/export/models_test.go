package main

import (
	"context"
	"math"
	"path/filepath"
	"slices"
	"testing"

	"spdiff"
	"spdiff/autodiff"
	"spdiff/group"
	"spdiff/nn"
	"spdiff/sde"
	"spdiff/tensor"
)

// noisy is a source of images that have no symmetry.
type noisy struct{ h, w, c int }

func (noisy) Len() int               { return 6 }
func (s noisy) Shape() (h, w, c int) { return s.h, s.w, s.c }
func (s noisy) Image(dst []float32, i int) (int, error) {
	tensor.NewStream(9, uint64(i)).Uniform(dst, 0)
	for k := range dst {
		dst[k] = 2*dst[k] - 1
	}
	return i % 3, nil
}

// tiny returns the configuration of a small network.
func tiny(g group.Group, m spdiff.Method) spdiff.Config {
	return spdiff.Config{
		Group: g, Method: m, Batch: 2, Steps: 3,
		Network: nn.UNetConfig{ImageHeight: 8, ImageWidth: 8, In: 1, Out: 1, Width: 16, Mult: []int{1, 2}, Blocks: 1, Attention: []int{2},
			Head: 8, Groups: 4, Kernel: 3},
		Optimiser: nn.OptimiserConfig{Rule: nn.AdamW(), Averages: []nn.Average{{}}}, Rate: nn.LearningRate{Rate: 0.05},
	}
}

// trained trains a model, saves it, and returns its file too.
func trained(t *testing.T, c spdiff.Config) (*spdiff.Model, string) {
	t.Helper()
	n := c.Network
	m, err := spdiff.Train(context.Background(), c, noisy{n.ImageHeight, n.ImageWidth, n.Out}, nil)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "model.safetensors")
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	return m, path
}

// exported exports a model by the command, and returns the file.
func exported(t *testing.T, model string, args ...string) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "model.onnx")
	if err := run(context.Background(), append([]string{"-model", model, "-out", out}, args...)); err != nil {
		t.Fatal(err)
	}
	return out
}

// A batch is what a network is told of n images, NHWC.
type batch struct {
	n       int
	x, cond []float32
	time    float32
	classes []int
	h, w, c int
}

// newBatch returns one of random numbers. Image 1, if there is one, is the same in all orientations.
func newBatch(c spdiff.Config, n int, seed uint64) *batch {
	u := c.Network
	b := &batch{n: n, h: u.ImageHeight, w: u.ImageWidth, c: u.Out, time: 313.5 * float32(seed)}
	b.x = normal(n*b.h*b.w*b.c, seed, 0)
	if c.Condition {
		b.cond = normal(len(b.x), seed, 1)
	}
	for i := range n {
		if u.Classes > 0 {
			b.classes = append(b.classes, (i+1)%u.Classes)
		}
	}
	if n > 1 {
		for _, x := range [][]float32{b.x, b.cond} {
			if x != nil {
				symmetric(c.Group, x[len(x)/n:2*len(x)/n], b.h, b.w, b.c)
			}
		}
	}
	return b
}

func normal(n int, seed, stream uint64) []float32 {
	z := make([]float32, n)
	tensor.NewStream(seed, stream).Normal(z, 0)
	return z
}

// symmetric makes an image the same in all orientations: each pixel has the numbers of the first of its orbit.
func symmetric(g group.Group, x []float32, h, w, c int) {
	for _, orbit := range g.Pixels(h, w) {
		for _, p := range orbit {
			copy(x[int(p)*c:int(p+1)*c], x[int(orbit[0])*c:])
		}
	}
}

// ours returns what a model predicts, by its own programs and those of package sde.
func ours(t *testing.T, m *spdiff.Model, b *batch) []float32 {
	t.Helper()
	c := m.Config()
	network := plainNetwork(m, b)
	switch c.Method {
	case spdiff.OC, spdiff.RegOC:
		network = sde.AverageN(c.Group, b.h, b.w, b.c, network)
	case spdiff.CF:
		f, err := group.NewFrame(c.Group, b.h, b.w, b.c)
		if err != nil {
			t.Fatal(err)
		}
		network = sde.CanonicalN(f, network)
	}
	inputs := [][]float32{b.x}
	if b.cond != nil {
		inputs = append(inputs, b.cond)
	}
	z := make([]float32, len(b.x))
	if err := network(z, inputs, 0); err != nil {
		t.Fatal(err)
	}
	return z
}

// plainNetwork is the network alone, compiled for as many images as it is given, whose classes repeat.
func plainNetwork(m *spdiff.Model, b *batch) sde.Network {
	return func(z []float32, inputs [][]float32, _ float64) error {
		n := len(z) / (b.h * b.w * b.c)
		g := m.Graph(n)
		w := autodiff.Compile(g.Output).NewWorkspace()
		w.Prepare()
		copy(w.Input(g.X), inputs[0])
		for i := range n {
			w.Input(g.Time)[i] = b.time
			if g.Class != nil {
				w.Input(g.Class)[i] = float32(b.classes[i%b.n])
			}
		}
		if g.Condition != nil {
			copy(w.Input(g.Condition), inputs[1])
		}
		w.Run()
		copy(z, w.Output(g.Output))
		return nil
	}
}

// channelsFirst returns images NHWC as NCHW.
func channelsFirst(x []float32, n, h, w, c int) []float32 {
	z := make([]float32, 0, len(x))
	for image := range slices.Chunk(x, h*w*c) {
		for k := range c {
			for p := range h * w {
				z = append(z, image[p*c+k])
			}
		}
	}
	return z
}

// difference returns the largest difference of two lists, NaN if one is that, and the largest number of the second.
func difference(x, y []float32) (most, largest float64) {
	if len(x) != len(y) {
		return math.NaN(), 0
	}
	for i := range x {
		most = max(most, math.Abs(float64(x[i])-float64(y[i])))
		largest = max(largest, math.Abs(float64(y[i])))
	}
	return most, largest
}
