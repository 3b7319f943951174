package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"spdiff"
	"spdiff/cmd/internal/onnx/onnxtest"
	"spdiff/group"
	"spdiff/nn"
)

// predict returns what a file predicts of a batch, NCHW.
func predict(r *onnxtest.Runtime, file string, b *batch) ([]float32, error) {
	times := make([]float32, b.n)
	for i := range times {
		times[i] = b.time
	}
	shape := []int{b.n, b.c, b.h, b.w}
	inputs := map[string]onnxtest.Tensor{
		"sample":   {Data: channelsFirst(b.x, b.n, b.h, b.w, b.c), Dims: shape},
		"timestep": {Data: times, Dims: []int{b.n}},
	}
	if b.cond != nil {
		inputs["condition"] = onnxtest.Tensor{Data: channelsFirst(b.cond, b.n, b.h, b.w, b.c), Dims: shape}
	}
	if b.classes != nil {
		var labels []int64
		for _, k := range b.classes {
			labels = append(labels, int64(k))
		}
		inputs["class_labels"] = onnxtest.Tensor{Data: labels, Dims: []int{b.n}}
	}
	z, dims, err := r.Run(file, inputs)
	if err == nil && !slices.Equal(dims, shape) {
		err = fmt.Errorf("the output is %v, want %v", dims, shape)
	}
	return z, err
}

// check compares what a model predicts with what its file does, for several sizes of a batch.
func check(t *testing.T, r *onnxtest.Runtime, m *spdiff.Model, file string, sizes ...int) {
	t.Helper()
	for _, n := range sizes {
		b := newBatch(m.Config(), n, uint64(n))
		got, err := predict(r, file, b)
		if err != nil {
			t.Fatal(err)
		}
		most, largest := difference(got, channelsFirst(ours(t, m, b), n, b.h, b.w, b.c))
		if !(most <= 1e-4) || largest < 1e-2 {
			t.Errorf("%d images: off by %.2g; the largest number is %.2g", n, most, largest)
		}
		t.Logf("%d images: off by %.2g of %.2g", n, most, largest)
	}
}

// variants are small models of every method, with what else a model may have.
func variants() map[string]spdiff.Config {
	all := map[string]spdiff.Config{}
	for i, m := range spdiff.Methods() {
		for k, g := range []group.Group{group.C4, group.D4} {
			c := tiny(g, m)
			c.Predict, c.Schedule = spdiff.Predictions()[(i+k)%4], spdiff.Schedules()[(i+2*k)%6]
			c.Condition = (i+k)%2 == 0
			c.Network.Classes = 3 * ((i + k) % 2)
			if k == 1 {
				c.Network.In, c.Network.Out, c.Network.Mult, c.Network.Attention = 3, 3, []int{1, 1, 2}, []int{2, 4}
			}
			all[fmt.Sprintf("%v-%v-%v-%v", m, g, c.Predict, c.Schedule)] = c
		}
	}
	c := tiny(group.C2, spdiff.OC)
	c.Network.ImageHeight, c.Network.ImageWidth = 4, 12
	all["oblong-oc"] = c
	c.Method = spdiff.CF
	all["oblong-cf"] = c
	c.Method, c.Network.Kernel = spdiff.GC, 5
	all["oblong-gc"] = c
	return all
}

// Files predict in ONNX Runtime what models do, whatever the number of images, and pass the checker.
func TestRuntime(t *testing.T) {
	r := onnxtest.New(t)
	for name, c := range variants() {
		t.Run(name, func(t *testing.T) {
			m, path := trained(t, c)
			check(t, r, m, exported(t, path), 1, 2, 5)
		})
	}
}

// The presets too, under every method.
func TestRuntimePresets(t *testing.T) {
	r := onnxtest.New(t)
	if testing.Short() {
		t.Skip("SKIPPED: the presets are not run under -short")
	}
	for _, preset := range nn.Presets() {
		for _, method := range spdiff.Methods() {
			t.Run(fmt.Sprintf("%s-%v", preset, method), func(t *testing.T) {
				c, err := spdiff.DefaultConfig(preset)
				if err != nil {
					t.Fatal(err)
				}
				c.Method, c.Batch, c.Steps = method, 1, 3
				c.Optimiser.Rule, c.Rate = nn.AdamW(), nn.LearningRate{Rate: 0.02} // far from the zeros of the beginning
				m, path := trained(t, c)
				check(t, r, m, exported(t, path), 1, 2)
			})
		}
	}
}

// A class that does not exist is refused by the runtime.
func TestRuntimeRefusesClasses(t *testing.T) {
	r := onnxtest.New(t)
	c := tiny(group.C4, spdiff.OC)
	c.Network.Classes = 3
	m, path := trained(t, c)
	b := newBatch(m.Config(), 2, 1)
	b.classes[1] = 3
	if _, err := predict(r, exported(t, path), b); err == nil || !strings.Contains(err.Error(), "error") {
		t.Errorf("class 3 of 3: %v", err)
	}
}

// Files pass ONNX's own checker, with shapes inferred from node to node.
func TestChecker(t *testing.T) {
	onnxtest.Python(t)
	var files []string
	for _, c := range variants() {
		_, path := trained(t, c)
		files = append(files, exported(t, path))
	}
	onnxtest.Check(t, files...)
}
