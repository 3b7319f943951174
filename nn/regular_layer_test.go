package nn

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"spdiff/autodiff"
	"spdiff/group"
)

// act returns a·x for feature maps of a field: the group moves pixels, and of a regular field planes.
func act(f Field, x []float32, a int) []float32 {
	g, pixels := f.Grid.group, f.Grid.h*f.Grid.w
	moved := make([]float32, len(x))
	g.Act(moved, x, a, len(x)/(pixels*f.Channels), f.Grid.h, f.Grid.w, f.Channels)
	if f.Planes() == 1 {
		return moved
	}
	z, c, elements := make([]float32, len(x)), f.Plane(), g.Halves()
	for p := range len(x) / f.Channels {
		for from, k := range elements {
			to := slices.Index(elements, g.Mul(a, k))
			copy(z[(p*len(elements)+to)*c:][:c], moved[(p*len(elements)+from)*c:])
		}
	}
	return z
}

// layerDifference returns the largest |f(a·x) − a·f(x)| of a layer over the group, and whether all bits are equal.
func layerDifference(in, out Field, apply func(x *autodiff.Node) *autodiff.Node, seed uint64) (most float64, exact bool) {
	x := autodiff.Input("x", 1, in.Grid.h, in.Grid.w, in.Channels)
	z := apply(x)
	w := autodiff.Compile(z).NewWorkspace()
	w.Prepare()
	f := func(data []float32) []float32 {
		copy(w.Input(x), data)
		w.Run()
		return slices.Clone(w.Output(z))
	}
	data := randomSlice(in.Grid.h*in.Grid.w*in.Channels, seed)
	fx, exact := f(data), true
	for a := range in.Grid.group.Order() {
		got, want := f(act(in, data, a)), act(out, fx, a)
		exact = exact && differs(got, want) < 0
		for i := range got {
			most = max(most, math.Abs(float64(got[i])-float64(want[i])))
		}
	}
	return most, exact
}

// randomParams gives every parameter values, those that start at zero too.
func randomParams(params []*Param, seed uint64) {
	for _, p := range params {
		if p.start.kind == zeros {
			p.start = start{uniform, 0.5}
		}
		p.Init(seed)
	}
}

// Every layer commutes with the action on its fields to the last bit. TestRegularBrokenTwins has what does not.
func TestRegularLayersAreEquivariant(t *testing.T) {
	for _, g := range group.All()[1:] {
		for _, size := range [][2]int{{6, 6}, {10, 10}, {6, 10}} {
			if g.Acts(size[0], size[1]) != nil || quick() && size[1] == 10 {
				continue
			}
			for seed := range uint64(2) {
				large, small := grid(t, g, size[0], size[1]), grid(t, g, size[0]/2, size[1]/2)
				checkLayers(t, fmt.Sprintf("%v, %v, seed %d", g, size, seed), large, small, seed)
			}
		}
	}
}

func checkLayers(t *testing.T, where string, large, small *Grid, seed uint64) {
	n := large.group.Order()
	wide, narrow, down := Regulars(large, 4*n), Regulars(large, 2*n), Regulars(small, 4*n)
	emb := autodiff.Fill(0.3, 1, 6)
	conv, lift, project := NewConv2D("c", wide, narrow, 3), NewConv2D("l", Scalars(large, 3), wide, 3), NewConv2D("p", wide, Scalars(large, 2), 5)
	one, norm, attention := NewConv2D("o", narrow, wide, 1), NewGroupNorm("n", wide, 2), NewAttention("a", wide, 2, 2)
	config := ResBlockConfig{Embedding: 6, Groups: 2, Kernel: 3}
	keep, halve, double := NewResBlock("k", wide, narrow, config), NewResBlock("h", wide, down, config), NewResBlock("d", down, wide, config)
	of := func(l Layer) func(x *autodiff.Node) *autodiff.Node {
		return func(x *autodiff.Node) *autodiff.Node { return l.Apply(x, &Conditions{Embedding: emb}) }
	}
	for _, l := range []struct {
		name    string
		in, out Field
		params  []*Param
		apply   func(x *autodiff.Node) *autodiff.Node
	}{
		{"convolution", wide, narrow, conv.Params(), of(conv)},
		{"from scalars", lift.In, wide, lift.Params(), of(lift)},
		{"to scalars", wide, project.Out, project.Params(), of(project)},
		{"one tap", narrow, wide, one.Params(), of(one)},
		{"norm", wide, wide, norm.Params(), norm.ApplySiLU},
		{"attention", wide, wide, attention.Params(), of(attention)},
		{"block", wide, narrow, keep.Params(), of(keep)},
		{"block that halves", wide, down, halve.Params(), of(halve)},
		{"block that doubles", down, wide, double.Params(), of(double)},
		{"concatenation", wide, Regulars(large, 8*n), nil, func(x *autodiff.Node) *autodiff.Node {
			return concatPlanes(n, x, autodiff.Scale(x, 2))
		}},
	} {
		randomParams(l.params, seed)
		if most, exact := layerDifference(l.in, l.out, l.apply, seed+5); !exact {
			t.Errorf("%s: %s: a difference of %.3g", where, l.name, most)
		}
	}
}

// A concatenation that puts all planes of one map before those of the other is a broken twin: the group would have to permute planes
// that are not where they should be.
func TestPlainConcatenationBreaksPlanes(t *testing.T) {
	f := Regulars(grid(t, group.C4, 6, 6), 8)
	plain := func(x *autodiff.Node) *autodiff.Node { return autodiff.Concat(x, autodiff.Scale(x, 2)) }
	if most, exact := layerDifference(f, Regulars(f.Grid, 16), plain, 1); exact || most < 0.1 {
		t.Errorf("a difference of %v", most)
	}
}
