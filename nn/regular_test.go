package nn

import (
	"encoding/binary"
	"hash/fnv"
	"math"
	"testing"

	"spdiff/asm"
	"spdiff/autodiff"
	"spdiff/group"
	"spdiff/tensor"
)

// regularSmall is small with regular features of 2 channels in a plane.
func regularSmall(g group.Group, h, w int) UNetConfig {
	c := small(g, h, w)
	c.Features, c.Width = Regular, 2*g.Order()
	return c
}

// sizes are even, odd on the lower levels, and oblong; each goes with the groups that act on it.
var sizes = [][2]int{{12, 12}, {8, 8}, {20, 12}}

func eachRegular(f func(g group.Group, h, w int)) {
	for _, g := range group.All()[1:] {
		for _, s := range sizes {
			if g.Acts(s[0], s[1]) == nil {
				f(g, s[0], s[1])
			}
		}
	}
}

// quick reports whether there is no assembly, which takes a hundred times as long: then a part of the tests must do.
func quick() bool { return asm.ISA() == "generic" }

// The promise: f(a·x) = a·f(x) in every bit, for networks of regular features whose every parameter is random.
func TestRegularUNetIsEquivariant(t *testing.T) {
	eachRegular(func(g group.Group, h, w int) {
		for _, kernel := range []int{3, 5} {
			if quick() && (kernel == 5 || h != 8) {
				continue
			}
			c := regularSmall(g, h, w)
			c.Kernel = kernel
			for seed := range uint64(2) {
				if d := difference(randomUNet(t, c, seed), g, seed+7); !d.Exact {
					t.Errorf("%v, %d×%d pixels, kernel %d, seed %d: %v", g, h, w, kernel, seed, d)
				}
			}
		}
	})
}

// An odd number of pixels across has its centre on a pixel, which the group keeps.
func TestRegularUNetOnOddGrids(t *testing.T) {
	for _, g := range group.All()[1:] {
		c := regularSmall(g, 7, 7)
		c.Mult, c.Attention = []int{2}, []int{1}
		if d := difference(randomUNet(t, c, 1), g, 1); !d.Exact {
			t.Errorf("%v: %v", g, d)
		}
	}
}

// The same at the size of a preset, whose products fill whole tiles.
func TestRegularPresetIsEquivariant(t *testing.T) {
	if quick() {
		t.Skip("without assembly it takes a minute")
	}
	c := DigitsS()
	c.Group, c.Features = group.D4, Regular
	if d := difference(randomUNet(t, c, 5), group.D4, 5); !d.Exact {
		t.Errorf("digits-s: %v", d)
	}
}

// Broken twins: each lacks one thing, and each must be seen to fail, in either precision. In bf16 the products of 3×3 taps are: planes of two
// channels are too few for the others.
func TestRegularBrokenTwins(t *testing.T) {
	twins := map[string]func(*UNet){
		"taps in raster order for all planes": func(u *UNet) {
			for _, k := range planeKernels(u) {
				for i := range k.taps.Orders {
					k.taps.Orders[i] = k.taps.Orders[0]
				}
			}
		},
		"statistics in raster order": rasterStatistics,
		"attention in raster order":  rasterAttention,
	}
	for _, g := range group.All()[1:] {
		for _, p := range tensor.Precisions() {
			c := regularSmall(g, 8, 8)
			checkTwins(t, p, c, twins)
			u := randomUNet(t, c, 1)
			for _, k := range planeKernels(u) { // planes of the second half see the taps of the first
				k.mirror = k.taps.Orders[0]
			}
			if d := differenceIn(p, u, g, 1); d.Exact || d.Max < 1e-3 {
				t.Errorf("taps that n does not move in %v under %v: %v", p, g, d)
			}
		}
	}
}

// planeKernels returns the kernels of a network of regular features.
func planeKernels(u *UNet) (all []*planeKernel) {
	add := func(layers ...any) {
		for _, l := range layers {
			if c, ok := l.(*Conv2D); ok && c != nil {
				all = append(all, c.planes)
			}
		}
	}
	stages := append(append([]Chain{u.middle}, u.down...), u.up...)
	for _, s := range stages {
		for _, b := range s {
			switch b := b.(type) {
			case *Conv2D:
				add(b)
			case *ResBlock:
				add(b.conv1, b.conv2, b.skip)
			case *Attention:
				add(b.qkv, b.proj)
			}
		}
	}
	add(u.out)
	return all
}

// A trained network keeps the promise, whatever its data: a few steps of AdamW on noise.
func TestRegularUNetIsEquivariantAfterTraining(t *testing.T) {
	for _, g := range []group.Group{group.D2, group.C4, group.D4} {
		u, err := NewUNet(regularSmall(g, 8, 8))
		if err != nil {
			t.Fatal(err)
		}
		u.Init(3)
		n := 4
		x, target := randomSlice(n*64*2, 1), randomSlice(n*64, 2)
		first, last := fit(t, u, 12, 3e-3, n, x, target)
		if !(last < first) {
			t.Errorf("%v: the loss went from %v to %v", g, first, last)
		}
		if d := difference(u, g, 1); !d.Exact || d.Max != 0 {
			t.Errorf("%v after training: %v", g, d)
		}
	}
}

// fit trains a network to give targets at n images, and returns the first and the last loss.
func fit(t *testing.T, u *UNet, steps int, rate float64, n int, images, targets []float32) (first, last float64) {
	t.Helper()
	c := u.Config
	x := autodiff.Input("x", n, c.ImageHeight, c.ImageWidth, c.In)
	at, y := autodiff.Input("t", n), autodiff.Input("y", n)
	target := autodiff.Input("target", n, c.ImageHeight, c.ImageWidth, c.Out)
	loss := autodiff.MSE(u.Apply(x, &Conditions{Time: at, Class: y}), target)
	var nodes []*autodiff.Node
	for _, p := range u.params {
		nodes = append(nodes, p.Node())
	}
	grads := autodiff.Grad(loss, nodes...)
	w := autodiff.CompileStep(append(grads, loss)...).NewWorkspace()
	copy(w.Input(x), images)
	copy(w.Input(target), targets)
	var values [][]float32
	for _, g := range grads {
		values = append(values, w.Output(g))
	}
	opt := NewOptimiser(OptimiserConfig{Rule: AdamW()}, u.params, values)
	w.Prepare()
	for step := range steps {
		w.Run()
		last = float64(w.Output(loss)[0])
		if step == 0 {
			first = last
		}
		if _, err := opt.Step(rate); err != nil {
			t.Fatal(err)
		}
	}
	return first, last
}

// What tied kernels cannot say: the target is the image moved to the right and turned back, averaged over the group,
//
//	y(x) = Σ_g g·D(g⁻¹x),   D(x)[p] = |x[p] − x[p − one to the left − one up]|,
//
// in which D is oriented. A tied 3×3 kernel sees at a pixel only sums over edges and corners; regular features see each.
func TestRegularFeaturesTellOrientations(t *testing.T) {
	const side, n, steps = 6, 4, 60
	images := randomSlice(n*side*side, 1)
	target := make([]float32, len(images))
	oriented(target, images, n, side)
	loss := map[Representation]float64{}
	for _, r := range []Representation{Scalar, Regular} {
		c := UNetConfig{Group: group.C4, Features: r, ImageHeight: side, ImageWidth: side, In: 1, Out: 1, Width: 16, Mult: []int{1},
			Blocks: 1, Head: 4, Groups: 4, Kernel: 3}
		u, err := NewUNet(c)
		if err != nil {
			t.Fatal(err)
		}
		u.Init(1)
		_, loss[r] = fit(t, u, steps, 3e-3, n, images, target)
	}
	t.Logf("loss %v", loss)
	if loss[Regular] > 0.5*loss[Scalar] {
		t.Errorf("after %d steps the loss is %.3g with regular features and %.3g with tied kernels", steps, loss[Regular], loss[Scalar])
	}
}

// oriented sets z to Σ_g g·D(g⁻¹x) over the quarter turns, with mean 0.
func oriented(z, x []float32, n, side int) {
	g := group.C4
	moved, d := make([]float32, len(x)), make([]float32, len(x))
	for a := range g.Order() {
		g.Act(moved, x, g.Inverse(a), n, side, side, 1)
		for i := range d {
			y, x := i/side%side, i%side
			d[i] = 0
			if y > 0 && x > 0 {
				d[i] = float32(math.Abs(float64(moved[i]-moved[i-side-1]))) * moved[i-1]
			}
		}
		g.Act(moved, d, a, n, side, side, 1)
		for i, v := range moved {
			z[i] += v
		}
	}
}

// regularBits is the hash of the results of a network of regular features, the same on every machine.
const regularBits = 0x72be12b70a503c91

// The same bits on every instruction set that there is here, and on every machine.
func TestRegularUNetHasTheBitsOfEveryMachine(t *testing.T) {
	defer asm.SetISA(asm.ISA())
	x := randomSlice(64*2, 1)
	for _, isa := range asm.Available() {
		if err := asm.SetISA(isa); err != nil {
			t.Fatal(err)
		}
		z := make([]float32, 64)
		newRunner(randomUNet(t, regularSmall(group.D4, 8, 8), 1), 1).run(z, x)
		h := fnv.New64a()
		if err := binary.Write(h, binary.LittleEndian, z); err != nil {
			t.Fatal(err)
		}
		if h.Sum64() != regularBits {
			t.Errorf("%s: the hash of the results is %#x, want %#x", isa, h.Sum64(), uint64(regularBits))
		}
	}
}

// An image's result does not depend on its place in a batch, and no run of a training step allocates.
func TestRegularUNetBatchAndMemory(t *testing.T) {
	u := randomUNet(t, regularSmall(group.C4, 8, 8), 1)
	x, all := randomSlice(9*64*2, 3), make([]float32, 9*64)
	newRunner(u, 9).run(all, x)
	one, single := newRunner(u, 1), make([]float32, 64)
	for i := range 9 {
		one.run(single, x[i*64*2:(i+1)*64*2])
		if j := differs(single, all[i*64:(i+1)*64]); j >= 0 {
			t.Errorf("image %d, number %d: %v in the batch, %v alone", i, j, all[i*64+j], single[j])
		}
	}
	r := newRunner(u, 2)
	var nodes []*autodiff.Node
	for _, p := range u.params {
		nodes = append(nodes, p.Node())
	}
	loss := autodiff.Mean(autodiff.Square(r.z))
	r.w = autodiff.CompileStep(append(autodiff.Grad(loss, nodes...), loss)...).NewWorkspace()
	r.prepare(u.Config)
	tensor.SetWorkers(1)
	defer tensor.SetWorkers(0)
	if n := testing.AllocsPerRun(5, r.w.Run); n != 0 {
		t.Errorf("a step allocates %v times", n)
	}
}
