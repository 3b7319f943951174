package autodiff

import (
	"fmt"
	"testing"

	"spdiff/group"
	"spdiff/tensor"
)

// orders are the taps of a 3×3 kernel in an order for each of some planes, here without a group: rotated by so many places.
func orders(planes int) tensor.GroupKernel {
	k := tensor.GroupKernel{}
	for _, o := range tensor.Dense(3, 3) {
		k.Taps = append(k.Taps, o[0])
	}
	for p := range planes {
		var order []int
		for t := range k.Taps {
			order = append(order, (t+p)%9)
		}
		k.Orders = append(k.Orders, order)
	}
	return k
}

func groupConvCase(name string, in, out, planes int) opCase {
	const n, h, w = 2, 4, 3
	cin, cout := 2*in, 3*out
	return opCase{
		name:  name,
		args:  []arg{{shape: tensor.Shape{n, h, w, cin}}, {shape: tensor.Shape{9, cin, cout}}, {shape: tensor.Shape{cout}}},
		build: func(x []*Node) *Node { return GroupConv(x[0], x[1], x[2], in, out, orders(planes)) },
		want:  slowConv(n, h, w, cin, cout, tensor.Dense(3, 3)),
		tol:   1e-5,
	}
}

func init() {
	taken := []int32{2, 0, 1, 1, 2, 0}
	addCases(
		groupConvCase("product/group", 2, 2, 2),
		groupConvCase("product/lifting", 1, 2, 2),
		groupConvCase("product/projection", 2, 1, 2),
		opCase{
			name: "repeat", covers: []string{"repeat.sum"},
			args:  []arg{{shape: tensor.Shape{3, 4}}},
			build: func(x []*Node) *Node { return Repeat(x[0], taken) },
			want: func(x [][]float64) (z []float64) {
				for _, r := range taken {
					z = append(z, x[0][4*r:4*r+4]...)
				}
				return z
			},
		},
	)
}

// planes makes images of scalars, channels of each plane together, into a regular field that an element moves: plane k of a·x is
// plane a⁻¹k of x, moved by a. regularAct is that action; planes are in tree order.
func regularAct(g group.Group, z, x []float32, a, n, h, w, c int) {
	tree := g.Tree()
	at := make([]int, len(tree))
	for i, k := range tree {
		at[k] = i
	}
	moved := make([]float32, len(x))
	g.Act(moved, x, a, n, h, w, c*len(tree))
	for p := range n * h * w {
		for k := range tree {
			from, to := (p*len(tree)+at[k])*c, (p*len(tree)+at[g.Mul(a, k)])*c
			copy(z[to:to+c], moved[from:from+c])
		}
	}
}

// groupKernel returns the taps of a size×size kernel with an order for each element of g, and groupWeights weights that g keeps:
// w[a·t,(a·k,i),(a·g,j)] = w[t,(k,i),(g,j)]. in and out are numbers of planes.
func groupKernel(g group.Group, size int) tensor.GroupKernel {
	k := tensor.GroupKernel{}
	for _, o := range tensor.Dense(size, size) {
		k.Taps = append(k.Taps, o[0])
	}
	for _, a := range g.Tree() {
		var order []int
		for _, p := range g.Permutation(g.Inverse(a), size, size) {
			order = append(order, int(p)) // a·t
		}
		k.Orders = append(k.Orders, order)
	}
	return k
}

func groupWeights(g group.Group, size, cin, cout, in, out int) *Node {
	taps, tree := size*size, g.Tree()
	at := make([]int, len(tree))
	for i, k := range tree {
		at[k] = i
	}
	place := func(planes, k int) int {
		if planes == 1 {
			return 0
		}
		return at[k]
	}
	w := tensor.New(taps, in*cin, out*cout)
	base := normalNoise(taps*len(tree)*cin*cout, 5)
	next := 0
	for t := range taps { // each orbit of (tap, plane in, plane out) from its element with a plane e
		for k := range len(tree) {
			for i := range cin {
				for j := range cout {
					for a := range len(tree) {
						from, to := place(in, g.Mul(a, k)), place(out, a)
						if out == 1 {
							from = place(in, a)
						}
						tap := int(g.Permutation(g.Inverse(a), size, size)[t])
						w.Data()[(tap*in*cin+from*cin+i)*out*cout+to*cout+j] = base[next]
					}
					next++
				}
			}
		}
	}
	return Constant(w)
}

// The convolutions of regular features and their gradients commute with the group to the last bit; a twin that reads the taps of
// all planes in raster order does so to rounding only.
func TestGroupConvIsEquivariant(t *testing.T) {
	const c = 3
	for _, g := range group.All()[1:] {
		n := g.Order()
		for _, size := range [][2]int{{7, 7}, {6, 6}, {4, 9}} {
			if g.Acts(size[0], size[1]) != nil {
				continue
			}
			for _, way := range [][2]int{{n, n}, {1, n}, {n, 1}} {
				for _, taps := range []int{1, 3, 5} {
					in, out := way[0], way[1]
					k, raster := groupKernel(g, taps), groupKernel(g, taps)
					for i := range raster.Orders {
						raster.Orders[i] = raster.Orders[0]
					}
					w := groupWeights(g, taps, c, c, in, out)
					x, dz := Input("x", 1, size[0], size[1], in*c), Input("dz", 1, size[0], size[1], out*c)
					forward := func(k tensor.GroupKernel) *Node { return GroupConv(x, w, nil, in, out, k) }
					back := func(k tensor.GroupKernel) *Node { return VJP(forward(k), dz, x)[0] }
					exact, twin := regularCheck(g, forward(k), x, in, out, c), regularCheck(g, forward(raster), x, in, out, c)
					if exact != 0 || twin > 1e-4 || taps > 1 && in > 1 && twin == 0 {
						t.Errorf("%v, %v pixels, planes %v, %d taps across: %v, its twin %v", g, size, way, taps, exact, twin)
					}
					exact, twin = regularCheck(g, back(k), dz, out, in, c), regularCheck(g, back(raster), dz, out, in, c)
					if exact != 0 || twin > 1e-4 || taps > 1 && out > 1 && twin == 0 {
						t.Errorf("gradient over %v, %v pixels, planes %v, %d taps across: %v, its twin %v", g, size, way, taps, exact, twin)
					}
				}
			}
		}
	}
}

// regularCheck returns the largest |f(a·x) − a·f(x)| for fields of so many planes of c channels; a difference in a zero's sign,
// which is a difference of bits, counts as the smallest number.
func regularCheck(g group.Group, z, x *Node, in, out, c int) (most float64) {
	s := x.Shape()
	act := func(v []float32, a, planes int) []float32 {
		moved := make([]float32, len(v))
		if planes == 1 {
			g.Act(moved, v, a, s[0], s[1], s[2], c)
		} else {
			regularAct(g, moved, v, a, s[0], s[1], s[2], c)
		}
		return moved
	}
	data := normalNoise(size(s), 3)
	fx := evalOne(z, x, data)
	for a := range g.Order() {
		got, want := evalOne(z, x, act(data, a, in)), act(fx, a, out)
		for i := range got {
			if !sameBits(got[i:i+1], want[i:i+1]) {
				most = max(most, float64(got[i]-want[i]), float64(want[i]-got[i]), 1e-30)
			}
		}
	}
	return most
}

func TestGroupConvErrors(t *testing.T) {
	x, k := Input("x", 2, 4, 4, 4), orders(2)
	for _, c := range []struct {
		x, w, bias *Node
		want       string
	}{
		{Input("y", 4, 4, 3), Zeros(9, 3, 6), nil, "4×4×3 and 9×3×6: the shapes must be (N, H, W, Cin) and (9, Cin, Cout)"},
		{x, Zeros(3, 4, 6), nil, "2×4×4×4 and 3×4×6: the shapes must be (N, H, W, Cin) and (9, Cin, Cout)"},
		{x, Zeros(9, 4, 6), Zeros(3), "2×4×4×4 and 9×4×6 and 3: the bias must have 6 elements"},
	} {
		wantShapeError(t, func() { GroupConv(c.x, c.w, c.bias, 2, 2, k) }, "autodiff: groupconv of "+c.want)
	}
	for _, rows := range [][]int32{{0, 1}, {0, 1, 2, 2}, {0, 1, 3}, {0, 1, -1}, {0, 0, 0, 1, 1, 1, 2, 2, 2}} {
		wantShapeError(t, func() { Repeat(Input("x", 3, 4), rows) },
			fmt.Sprintf("autodiff: repeat of 3×4: %d rows do not take each of 3 equally often, 1, 2, 4 or 8 times", len(rows)))
	}
}
