package autodiff

import (
	"fmt"
	"slices"
	"testing"

	"spdiff/group"
	"spdiff/tensor"
)

// planeOrders are the taps of a 3×3 kernel in an order for each of some planes, here without a group: rotated by so many places.
func planeOrders(planes int) tensor.PlaneKernel {
	k := tensor.PlaneKernel{}
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

// groupOrders are those of half of so many planes, and the half turn.
func groupOrders(planes int) tensor.GroupKernel {
	p := planeOrders(planes / 2)
	return tensor.GroupKernel{Taps: p.Taps, Orders: p.Orders, Mirror: []int{8, 7, 6, 5, 4, 3, 2, 1, 0}}
}

func planeConvCase(name string, in, out int) opCase {
	const n, h, w = 2, 4, 3
	cin, cout := 2*in, 3*out
	return opCase{
		name:  name,
		args:  []arg{{shape: tensor.Shape{n, h, w, cin}}, {shape: tensor.Shape{9, cin, cout}}, {shape: tensor.Shape{cout}}},
		build: func(x []*Node) *Node { return PlaneConv(x[0], x[1], x[2], in, out, planeOrders(in*out)) },
		want:  slowConv(n, h, w, cin, cout, tensor.Dense(3, 3)),
		tol:   1e-5,
	}
}

func groupConvCase(name string, planes int) opCase {
	const n, h, w = 2, 4, 3
	c, k := planes, groupOrders(planes)
	return opCase{
		name:  name,
		args:  []arg{{shape: tensor.Shape{n, h, w, c}}, {shape: tensor.Shape{9, c / 2, 2 * c}}, {shape: tensor.Shape{2 * c}}},
		build: func(x []*Node) *Node { return GroupConv(x[0], x[1], x[2], k) },
		want: func(x [][]float64) []float64 {
			all := make([]float64, 9*c*2*c)
			for i := range all { // the weights of the second half are those of the first, moved
				t, from, to := i/(2*c*c), i/(2*c)%c, i%(2*c)
				if from >= c/2 {
					t, from, to = k.Mirror[t], from-c/2, (to+c)%(2*c)
				}
				all[i] = x[1][(t*c/2+from)*2*c+to]
			}
			return slowConv(n, h, w, c, 2*c, tensor.Dense(3, 3))([][]float64{x[0], all, x[2]})
		},
		tol: 1e-5,
	}
}

func init() {
	taken := []int32{2, 0, 1, 1, 2, 0}
	addCases(
		groupConvCase("product/group of 2", 2),
		groupConvCase("product/group of 4", 4),
		planeConvCase("product/from scalars", 1, 2),
		planeConvCase("product/to scalars", 2, 1),
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

// regularAct sets z to a·x, for regular features x: plane ak of a·x is plane k of x, moved by a.
func regularAct(g group.Group, z, x []float32, a, n, h, w, c int) {
	elements := g.Halves()
	moved := make([]float32, len(x))
	g.Act(moved, x, a, n, h, w, c*len(elements))
	for p := range n * h * w {
		for from, k := range elements {
			to := slices.Index(elements, g.Mul(a, k))
			copy(z[(p*len(elements)+to)*c:][:c], moved[(p*len(elements)+from)*c:])
		}
	}
}

// moveTap returns the number of a·t, of the taps of a size×size kernel.
func moveTap(g group.Group, size, a, t int) int {
	return int(g.Permutation(g.Inverse(a), size, size)[t])
}

// orbitWeights are weights (taps, in·cin, out·cout) between planes that g keeps, w[a·t,(a·k,i),(a·h,j)] = w[t,(k,i),(h,j)]. The
// numbers of planes are in and out, one of which may be 1.
func orbitWeights(g group.Group, size, cin, cout, in, out int) *tensor.Tensor {
	elements, taps := g.Halves(), size*size
	place := func(planes, k int) int {
		if planes == 1 {
			return 0
		}
		return slices.Index(elements, k)
	}
	w, base, next := tensor.New(taps, in*cin, out*cout), normalNoise(taps*in*out*cin*cout, 5), 0
	for t := range taps {
		for k := range min(in, out) {
			for i := range cin {
				for j := range cout {
					for a := range g.Order() {
						from, to := place(in, g.Mul(a, k)), place(out, a)
						w.Data()[(moveTap(g, size, a, t)*in*cin+from*cin+i)*out*cout+to*cout+j] = base[next]
					}
					next++
				}
			}
		}
	}
	return w
}

// symConv is a convolution between so many planes with weights that g keeps; all planes read the taps in raster order if raster.
func symConv(p In, g group.Group, x *Node, size, in, out, c int, raster bool) *Node {
	elements, w := g.Halves(), orbitWeights(g, size, c, c, in, out)
	var k tensor.PlaneKernel
	for _, o := range tensor.Dense(size, size) {
		k.Taps = append(k.Taps, o[0])
	}
	for _, a := range elements {
		var order []int
		for t := range k.Taps {
			if !raster {
				t = moveTap(g, size, a, t)
			}
			order = append(order, t)
		}
		k.Orders = append(k.Orders, order)
	}
	if in != out {
		return p.PlaneConv(x, Constant(w), nil, in, out, k)
	}
	half := tensor.New(size*size, in*c/2, out*c)
	for t := range k.Taps {
		n := in * c / 2 * out * c
		copy(half.Data()[t*n:(t+1)*n], w.Data()[2*t*n:])
	}
	mirror := make([]int, len(k.Taps))
	for t := range mirror {
		mirror[t] = moveTap(g, size, elements[in/2], t)
	}
	return p.GroupConv(x, Constant(half), nil, tensor.GroupKernel{Taps: k.Taps, Mirror: mirror, Orders: k.Orders[:in/2]})
}

// The convolutions of regular features and their gradients commute with the group to the last bit, in either precision; a twin that reads
// the taps of all planes in raster order does so to rounding only.
func TestGroupConvIsEquivariant(t *testing.T) {
	for _, g := range group.All()[1:] {
		n := g.Order()
		for _, size := range [][2]int{{7, 7}, {6, 6}, {4, 9}} {
			if g.Acts(size[0], size[1]) != nil {
				continue
			}
			for _, way := range [][2]int{{n, n}, {1, n}, {n, 1}} {
				for _, taps := range []int{1, 3, 5} {
					checkGroupConv(t, In(tensor.Float32), g, size, way, taps)
				}
			}
			for _, taps := range []int{3, 5} { // all else is float32 in bf16 too
				checkGroupConv(t, rounded, g, size, [2]int{n, n}, taps)
			}
		}
	}
}

// checkGroupConv checks a convolution between so many planes of two channels, and its gradient, on an image of a size.
func checkGroupConv(t *testing.T, p In, g group.Group, size, way [2]int, taps int) {
	const c = 2
	in, out := way[0], way[1]
	x, dz := Input("x", 1, size[0], size[1], in*c), Input("dz", 1, size[0], size[1], out*c)
	forward := func(raster bool) *Node { return symConv(p, g, x, taps, in, out, c, raster) }
	back := func(raster bool) *Node { return VJP(forward(raster), dz, x)[0] }
	check := func(what string, exact, twin float64) {
		if exact != 0 || twin > 1e-4 || taps > 1 && g.Order() > 2 && twin == 0 {
			t.Errorf("%s in %v over %v, %v pixels, planes %v, %d taps across: %v, its twin %v", what, tensor.Precision(p), g, size, way, taps, exact, twin)
		}
	}
	check("convolution", regularCheck(g, forward(false), x, in, out, c), regularCheck(g, forward(true), x, in, out, c))
	check("gradient", regularCheck(g, back(false), dz, out, in, c), regularCheck(g, back(true), dz, out, in, c))
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
	x := Input("x", 2, 4, 4, 4)
	for _, c := range []struct {
		x, w, bias *Node
		want       string
	}{
		{Input("y", 4, 4, 4), Zeros(9, 2, 6), nil, "4×4×4 and 9×2×6: the shapes must be (N, H, W, Cin) and (9, Cin/2, Cout)"},
		{x, Zeros(3, 2, 6), nil, "2×4×4×4 and 3×2×6: the shapes must be (N, H, W, Cin) and (9, Cin/2, Cout)"},
		{x, Zeros(9, 4, 6), nil, "2×4×4×4 and 9×4×6: the shapes must be (N, H, W, Cin) and (9, Cin/2, Cout)"},
		{x, Zeros(9, 2, 6), Zeros(3), "2×4×4×4 and 9×2×6 and 3: the bias must have 6 elements"},
	} {
		wantShapeError(t, func() { GroupConv(c.x, c.w, c.bias, groupOrders(2)) }, "autodiff: groupconv of "+c.want)
	}
	wantShapeError(t, func() { PlaneConv(x, Zeros(9, 3, 6), nil, 2, 1, planeOrders(2)) },
		"autodiff: planeconv of 2×4×4×4 and 9×3×6: the shapes must be (N, H, W, Cin) and (9, Cin, Cout)")
	for _, rows := range [][]int32{{0, 1}, {0, 1, 2, 2}, {0, 1, 3}, {0, 1, -1}, {0, 0, 0, 1, 1, 1, 2, 2, 2}} {
		wantShapeError(t, func() { Repeat(Input("x", 3, 4), rows) },
			fmt.Sprintf("autodiff: repeat of 3×4: %d rows do not take each of 3 equally often, 1, 2, 4 or 8 times", len(rows)))
	}
}
