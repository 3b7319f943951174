package nn

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"spdiff/autodiff"
	"spdiff/group"
	"spdiff/tensor"
)

// small is a network that has everything: attention on each level, classes, more channels in than out.
func small(g group.Group, h, w int) UNetConfig {
	return UNetConfig{Group: g, ImageHeight: h, ImageWidth: w, In: 2, Out: 1, Width: 4, Mult: []int{1, 2, 2}, Blocks: 1,
		Attention: []int{1, 2, 4}, Head: 4, Classes: 3, Groups: 2, Kernel: 3}
}

// randomUNet returns a network with no parameter zero: one whose branches ended in zero would be too easy.
func randomUNet(t testing.TB, c UNetConfig, seed uint64) *UNet {
	t.Helper()
	u, err := NewUNet(c)
	if err != nil {
		t.Fatal(err)
	}
	u.Init(seed)
	for _, p := range u.params {
		if p.start.kind == zeros {
			p.start = start{uniform, 0.5}
			p.Init(seed)
		}
	}
	return u
}

// A runner evaluates a network.
type runner struct {
	x, t, y, z *autodiff.Node
	w          *autodiff.Workspace
}

func newRunner(u *UNet, n int) *runner { return runnerIn(tensor.Float32, u, n) }

// runnerIn is newRunner with products in a precision.
func runnerIn(p tensor.Precision, u *UNet, n int) *runner {
	c := u.Config
	r := &runner{x: autodiff.Input("x", n, c.ImageHeight, c.ImageWidth, c.In), t: autodiff.Input("t", n), y: autodiff.Input("y", n)}
	r.z = u.Apply(r.x, &Conditions{Time: r.t, Class: r.y, Precision: p})
	r.w = autodiff.Compile(r.z).NewWorkspace()
	r.prepare(c)
	return r
}

// prepare sets times and classes.
func (r *runner) prepare(c UNetConfig) {
	for i := range r.t.Shape()[0] {
		r.w.Input(r.t)[i] = 437.5
		if c.Classes > 0 {
			r.w.Input(r.y)[i] = 2
		}
	}
	r.w.Prepare()
}

func (r *runner) run(z, x []float32) {
	copy(r.w.Input(r.x), x)
	r.w.Run()
	copy(z, r.w.Output(r.z))
}

func randomSlice(n int, seed uint64) []float32 {
	r := rand.New(rand.NewPCG(seed, 1))
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

// difference measures how far a network is from commuting with g.
func difference(u *UNet, g group.Group, seed uint64) group.Difference {
	return differenceIn(tensor.Float32, u, g, seed)
}

// differenceIn is difference with products in a precision.
func differenceIn(p tensor.Precision, u *UNet, g group.Group, seed uint64) group.Difference {
	c := u.Config
	in := group.Images{N: 1, H: c.ImageHeight, W: c.ImageWidth, C: c.In}
	out := in
	out.C = c.Out
	return group.Check(g, runnerIn(p, u, 1).run, randomSlice(in.Len(), seed), in, out)
}

// The promise: f(g·x) = g·f(x) in every bit, for tied networks over every group, on even and odd levels, on oblong grids.
func TestTiedUNetIsEquivariant(t *testing.T) {
	for _, g := range group.All() {
		for i, size := range [][2]int{{12, 12}, {8, 8}, {20, 12}} {
			if g.Acts(size[0], size[1]) != nil {
				continue
			}
			for _, kernel := range []int{3, 5} {
				c := small(g, size[0], size[1])
				c.Kernel = kernel
				if d := difference(randomUNet(t, c, uint64(i)), g, uint64(i)); !d.Exact {
					t.Errorf("%v, %v pixels, kernel %d: %v", g, size, kernel, d)
				}
			}
		}
	}
}

// The same at the size of a preset, whose products fill whole tiles.
func TestTiedPresetIsEquivariant(t *testing.T) {
	c := DigitsS()
	c.Group = group.C4
	if d := difference(randomUNet(t, c, 5), group.C4, 5); !d.Exact {
		t.Errorf("digits-s: %v", d)
	}
}

// With 3×3 kernels, a network tied over C4 is one tied over D4: but its sums are C4's, so only to rounding.
func TestQuarterTurnsGiveMirrors(t *testing.T) {
	d := difference(randomUNet(t, small(group.C4, 12, 12), 1), group.D4, 1)
	if d.Exact || d.Max > 1e-4 {
		t.Errorf("a 3×3 network over C4 under D4: %v; want a rounding error", d)
	}
}

// Broken twins: each lacks one thing, and each must be seen to fail, in either precision. Factors of bf16 hide most errors of their last bits;
// the first level has four channels, so that its products stay float32 and show them.
func TestBrokenTwins(t *testing.T) {
	for _, p := range tensor.Precisions() {
		for _, g := range group.All()[1:] {
			if d := differenceIn(p, randomUNet(t, small(group.C1, 12, 12), 1), g, 1); d.Exact || d.Max < 1e-3 {
				t.Errorf("a plain network in %v under %v: %v", p, g, d)
			}
		}
		for _, g := range []group.Group{group.C4, group.D4} {
			c := small(g, 12, 12)
			c.Head = 8 // which the other levels have, so that their attention is of bf16
			checkTwins(t, p, c, map[string]func(*UNet){"statistics in raster order": rasterStatistics, "attention in raster order": rasterAttention})
		}
	}
}

// roundingErrors are the largest differences that rounding explains.
var roundingErrors = map[tensor.Precision]float64{tensor.Float32: 1e-3, tensor.BF16: 0.3}

// checkTwins fails unless a random network commutes with its group to the last bit, and each of its broken twins up to rounding errors.
func checkTwins(t *testing.T, p tensor.Precision, c UNetConfig, twins map[string]func(*UNet)) {
	t.Helper()
	if d := differenceIn(p, randomUNet(t, c, 1), c.Group, 1); !d.Exact {
		t.Errorf("a network in %v under %v: %v", p, c.Group, d)
	}
	for name, spoil := range twins {
		u := randomUNet(t, c, 1)
		spoil(u)
		if d := differenceIn(p, u, c.Group, 1); d.Exact || d.Max > roundingErrors[p] {
			t.Errorf("%s in %v under %v: %v; want a rounding error", name, p, c.Group, d)
		}
	}
}

// rasterStatistics makes the statistics of a network sums in raster order.
func rasterStatistics(u *UNet) {
	for _, g := range grids(u) {
		g.pixels = func() [][]int32 { return group.C1.Pixels(g.h, g.w) }
	}
}

// rasterAttention makes attention sum over the keys in raster order.
func rasterAttention(u *UNet) {
	for _, g := range grids(u) {
		k, w := group.C1.Domain(g.h, g.w)
		g.domain = func() domain { return domain{k, w} }
	}
}

// grids returns the grids of a network's levels.
func grids(u *UNet) []*Grid {
	all := []*Grid{u.norm.In.Grid}
	for _, s := range u.down {
		for _, b := range s {
			if r, ok := b.(*ResBlock); ok {
				all = append(all, r.Out.Grid)
			}
		}
	}
	return all
}

// An image's result does not depend on its place in a batch, nor on the batch's size, in either precision.
func TestBatchPosition(t *testing.T) {
	c := small(group.C4, 12, 12)
	c.Width, c.Head = 8, 8 // all of it deep enough for bf16
	u := randomUNet(t, c, 1)
	size := 12 * 12
	x := randomSlice(5*size*2, 3)
	for _, p := range tensor.Precisions() {
		all := make([]float32, 5*size)
		runnerIn(p, u, 5).run(all, x)
		one, single := runnerIn(p, u, 1), make([]float32, size)
		for i := range 5 {
			one.run(single, x[i*size*2:(i+1)*size*2])
			if j := differs(single, all[i*size:(i+1)*size]); j >= 0 {
				t.Errorf("%v, image %d of 5, number %d: %v in the batch, %v alone", p, i, j, all[i*size+j], single[j])
			}
		}
	}
}

// Value and gradients have the same bits for any number of workers.
func TestWorkers(t *testing.T) {
	defer tensor.SetWorkers(tensor.Workers())
	for _, g := range []group.Group{group.C1, group.D4} {
		u := randomUNet(t, small(g, 12, 12), 1)
		in := map[string]*tensor.Tensor{
			"x":  tensor.From(randomSlice(3*144*2, 1), 3, 2, 12, 12),
			"t":  tensor.From([]float32{1, 500, 999}, 3),
			"y":  tensor.From([]float32{0, 1, 2}, 3),
			"dz": tensor.From(randomSlice(3*144, 2), 3, 1, 12, 12),
		}
		tensor.SetWorkers(1)
		want := run(u, in)
		for _, n := range []int{2, 3} {
			tensor.SetWorkers(n)
			got := run(u, in)
			if i := differs(got.z, want.z); i >= 0 {
				t.Errorf("%v: number %d of the value is %v with %d workers, %v with one", g, i, got.z[i], n, want.z[i])
			}
			for name, dw := range want.grads {
				if i := differs(got.grads[name], dw); i >= 0 {
					t.Errorf("%v: gradient of %s differs with %d workers", g, name, n)
				}
			}
		}
	}
}

// Dropout acts in training alone, differently for each key, and on an image whatever its batch.
func TestDropout(t *testing.T) {
	c := small(group.C4, 8, 8)
	without := newRunner(randomUNet(t, c, 1), 2)
	c.Dropout = 0.5
	u := randomUNet(t, c, 1)
	asleep := newRunner(u, 2)
	awake, key := newRunner(u, 2), autodiff.Input("key", 2, 2)
	awake.z = u.Apply(awake.x, &Conditions{Time: awake.t, Class: awake.y, Dropout: key})
	awake.w = autodiff.Compile(awake.z).NewWorkspace()
	awake.prepare(c)

	x := randomSlice(2*64*2, 1)
	copy(x[64*2:], x[:64*2]) // the same image twice
	z := func(r *runner, keys ...float32) []float32 {
		if keys != nil {
			copy(r.w.Input(key), keys)
		}
		z := make([]float32, 2*64)
		r.run(z, x)
		return z
	}
	if i := differs(z(asleep), z(without)); i >= 0 {
		t.Errorf("without a key, dropout changes number %d", i)
	}
	same, one, two := z(awake, 1, 0, 1, 0), z(awake, 1, 0, 2, 0), z(awake, 2, 0, 1, 0)
	if differs(same[:64], same[64:]) >= 0 || differs(one[:64], two[64:]) >= 0 || differs(one[64:], two[:64]) >= 0 {
		t.Error("the dropout of an image depends on its place in the batch")
	}
	if differs(one[:64], one[64:]) < 0 || differs(one[:64], z(asleep)[:64]) < 0 {
		t.Error("another key drops the same, or nothing is dropped")
	}
}

// No two residual blocks drop the same.
func TestSalts(t *testing.T) {
	for _, name := range Presets() {
		c, _ := Preset(name)
		seen := map[uint32]string{}
		for b := range c.plan().all() {
			salt := (&ResBlock{name: b.name}).salt()
			if seen[salt] != "" {
				t.Errorf("%s: %s and %s have the same salt", name, seen[salt], b.name)
			}
			seen[salt] = b.name
		}
	}
}

// A run of a training step allocates nothing, preparation included.
func TestRunAllocatesNothing(t *testing.T) {
	u := randomUNet(t, small(group.D4, 8, 8), 1)
	r := newRunner(u, 2)
	var nodes []*autodiff.Node
	for _, p := range u.params {
		nodes = append(nodes, p.Node())
	}
	loss := autodiff.Mean(autodiff.Square(r.z))
	r.w = autodiff.Compile(append(autodiff.Grad(loss, nodes...), loss)...).NewWorkspace()
	r.prepare(u.Config)
	if n := testing.AllocsPerRun(5, func() { r.w.Prepare(); r.w.Run() }); n != 0 {
		t.Errorf("a step allocates %v times", n)
	}
}

// An overflow is traced to the layer that produced it, a bad parameter to the parameter.
func TestOverflowNamesItsLayer(t *testing.T) {
	for _, c := range []struct {
		value float32
		want  string
	}{
		{1e38, "input_blocks.3.0.in_layers.2"},
		{float32(math.Inf(1)), "input_blocks.3.0.in_layers.2.weight"},
	} {
		u := randomUNet(t, small(group.C4, 8, 8), 1)
		for _, p := range u.params {
			if p.Name == "input_blocks.3.0.in_layers.2.weight" {
				for i := range p.Value.Data() {
					p.Value.Data()[i] = c.value
				}
			}
		}
		r := newRunner(u, 1)
		copy(r.w.Input(r.x), randomSlice(64*2, 1))
		var e *autodiff.NonFiniteError
		if err := r.w.RunChecked(); !errors.As(err, &e) || e.Label != c.want {
			t.Errorf("weights of %v: %v; want the label %s", c.value, err, c.want)
		}
	}
}

// Inputs that are not the network's are refused when the graph is built.
func TestApplyChecksShapes(t *testing.T) {
	u := randomUNet(t, small(group.C4, 8, 8), 1)
	x, v := autodiff.Input("x", 3, 8, 8, 2), autodiff.Input("v", 3)
	for name, f := range map[string]func(){
		"images of another size":     func() { u.Apply(autodiff.Input("x", 3, 12, 12, 2), &Conditions{Time: v, Class: v}) },
		"images with other channels": func() { u.Apply(autodiff.Input("x", 3, 8, 8, 1), &Conditions{Time: v, Class: v}) },
		"too few times":              func() { u.Apply(x, &Conditions{Time: autodiff.Input("t", 2), Class: v}) },
		"too few classes":            func() { u.Apply(x, &Conditions{Time: v, Class: autodiff.Input("y", 2)}) },
	} {
		func() {
			defer func() {
				if _, ok := recover().(*autodiff.ShapeError); !ok {
					t.Errorf("%s: no *ShapeError", name)
				}
			}()
			f()
		}()
	}
	for want, f := range map[string]func(){
		"unet needs Conditions.Class":               func() { u.Apply(x, &Conditions{Time: v}) },
		"unet needs Conditions.Time":                func() { u.Apply(x, nil) },
		"middle_block.0 needs Conditions.Embedding": func() { u.middle.Apply(x, &Conditions{Time: v}) },
	} {
		func() {
			defer func() {
				if e, ok := recover().(*ConditionError); !ok || e.Error() != "nn: layer "+want {
					t.Errorf("%v, want %s", e, want)
				}
			}()
			f()
		}()
	}
}

// A head has Head channels at most: where attention is over 8 channels everywhere, heads of 64 are those of 8, and not those of 4.
func TestHeadIsAtMostTheChannels(t *testing.T) {
	run := func(head int) []float32 {
		c := small(group.C4, 8, 8)
		c.Attention, c.Head = []int{2, 4}, head
		z := make([]float32, 8*8*c.Out)
		newRunner(randomUNet(t, c, 1), 1).run(z, randomSlice(8*8*c.In, 2))
		return z
	}
	one := run(8)
	if differs(run(64), one) >= 0 {
		t.Error("heads of 64 are not those of 8 channels")
	}
	if differs(run(4), one) < 0 {
		t.Error("heads do not matter: nothing is shown")
	}
}
