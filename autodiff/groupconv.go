package autodiff

import (
	"fmt"
	"slices"

	"spdiff/asm"
	"spdiff/tensor"
)

// GroupConv returns the convolution z = bias + x∗w of regular features x (N, H, W, Cin), whose channels are planes that a group
// permutes as it moves pixels, stride 1, zero padding, (N, H, W, Cout). The weights w (len(k.Taps), Cin/2, Cout) are those of the
// first half of the planes of the input, which say the others: see tensor.GroupConv. With weights that the group keeps, as Repeat
// makes them, it commutes with the group to the last bit, and so does its gradient by x. bias (Cout) may be nil. It panics with a
// *ShapeError if the shapes do not fit, and with a *tensor.ConvError if the planes do not.
func GroupConv(x, w, bias *Node, k tensor.GroupKernel) *Node {
	return In(tensor.Float32).GroupConv(x, w, bias, k)
}

// GroupConv is the function GroupConv with products in precision p.
func (p In) GroupConv(x, w, bias *Node, k tensor.GroupKernel) *Node {
	s, ws := x.Shape(), w.Shape()
	if len(s) != 4 || len(ws) != 3 || ws[0] != len(k.Taps) || 2*ws[1] != s[3] {
		panic(&ShapeError{"groupconv", []tensor.Shape{s, ws}, fmt.Sprintf("the shapes must be (N, H, W, Cin) and (%d, Cin/2, Cout)", len(k.Taps))})
	}
	plan := tensor.NewGroupConv(p.shape(s, ws[2]), k)
	return newBilinear("groupconv", plan, plan.Transpose(), s, ws, groupSimple(k)).forward(x, w, bias)
}

// groupSimple returns GroupConv in simple operations. The weights of the second half of the planes are w[n·t, (k, i), (ng, j)].
func groupSimple(k tensor.GroupKernel) func(x, w *Node) *Node {
	mirror := make([]int32, len(k.Mirror))
	for i, m := range k.Mirror {
		mirror[i] = int32(m)
	}
	dense := denseOf(eachTap(k.Taps))
	return func(x, w *Node) *Node {
		s := w.Shape()
		taps, half, cout := s[0], s[1], s[2]
		second := Gather(Reshape(w, taps, half*cout), mirror)
		second = Reshape(second, taps, half, cout)
		second = Concat(Slice(second, cout/2, cout), Slice(second, 0, cout/2))
		all := Concat(Reshape(w, taps, half*cout), Reshape(second, taps, half*cout))
		return dense.apply(x, Reshape(all, taps, 2*half, cout))
	}
}

// eachTap returns the kernel in which each tap has a weight.
func eachTap(taps []tensor.Tap) (k tensor.Kernel) {
	for _, t := range taps {
		k = append(k, []tensor.Tap{t})
	}
	return k
}

// PlaneConv returns the convolution z = bias + x∗w of images x (N, H, W, Cin) with the weights w (len(k.Taps), Cin, Cout), stride 1,
// zero padding, (N, H, W, Cout): from scalars, in = 1, to out planes of regular features, or from in planes to scalars, out = 1. It
// differs from Conv in the order of its sums alone, see tensor.PlaneConv, and commutes with a group as GroupConv does. bias (Cout)
// may be nil. It panics with a *ShapeError if the shapes do not fit, and with a *tensor.ConvError if the planes do not.
func PlaneConv(x, w, bias *Node, in, out int, k tensor.PlaneKernel) *Node {
	return In(tensor.Float32).PlaneConv(x, w, bias, in, out, k)
}

// PlaneConv is the function PlaneConv with products in precision p.
func (p In) PlaneConv(x, w, bias *Node, in, out int, k tensor.PlaneKernel) *Node {
	s, ws := x.Shape(), w.Shape()
	if len(s) != 4 || len(ws) != 3 || ws[0] != len(k.Taps) || ws[1] != s[3] {
		panic(&ShapeError{"planeconv", []tensor.Shape{s, ws}, fmt.Sprintf("the shapes must be (N, H, W, Cin) and (%d, Cin, Cout)", len(k.Taps))})
	}
	plan := tensor.NewPlaneConv(p.shape(s, ws[2]), in, out, k)
	return newBilinear("planeconv", plan, plan.Transpose(), s, ws, denseOf(eachTap(k.Taps)).apply).forward(x, w, bias)
}

// Repeat returns rows of x, (R, C) to (len(rows), C): row i is row rows[i] of x. Each row of x is taken equally often, 1, 2, 4 or
// 8 times, like a weight that a group ties. The gradient adds those of a row's copies, ascending, by the balanced tree. It panics
// with a *ShapeError if the shape or the rows are not so.
func Repeat(x *Node, rows []int32) *Node {
	s := x.Shape()
	if len(s) != 2 {
		panic(&ShapeError{"repeat", []tensor.Shape{s}, "the shape must be (R, C)"})
	}
	places, n := placesOf(rows, s[0])
	if places == nil {
		panic(&ShapeError{"repeat", []tensor.Shape{s}, fmt.Sprintf("%d rows do not take each of %d equally often, 1, 2, 4 or 8 times", len(rows), s[0])})
	}
	return repeatRows(x, slices.Clone(rows), places, n)
}

// placesOf lists, for each of some rows in turn, the n places where it is taken, or returns nil.
func placesOf(taken []int32, rows int) (places []int32, n int) {
	n = len(taken) / rows
	if n*rows != len(taken) || n != 1 && n != 2 && n != 4 && n != 8 {
		return nil, 0
	}
	places, count := make([]int32, len(taken)), make([]int, rows)
	for i, r := range taken {
		if r < 0 || int(r) >= rows || count[r] == n {
			return nil, 0
		}
		places[int(r)*n+count[r]] = int32(i)
		count[r]++
	}
	return places, n
}

// repeatRows takes rows of x; its adjoint sums them at their n places.
func repeatRows(x *Node, taken, places []int32, n int) *Node {
	o := pickRows("repeat", x, taken, 1)
	o.expand = func(x []*Node) *Node { return Gather(x[0], taken) }
	o.grad = func(_, dz *Node) []*Node { return []*Node{sumRows(dz, taken, places, n)} }
	return apply(o, x)
}

// sumRows sums n rows of x each; its adjoint is repeatRows.
func sumRows(x *Node, taken, places []int32, n int) *Node {
	o := pickRows("repeat.sum", x, places, n)
	o.expand = func(x []*Node) *Node { return sumOfRows(x[0], rowTable{places, n}) }
	o.grad = func(_, dz *Node) []*Node { return []*Node{repeatRows(dz, taken, places, n)} }
	return apply(o, x)
}

// pickRows returns the trees over n rows each of x.
func pickRows(name string, x *Node, rows []int32, n int) op {
	c, count := x.Shape()[1], len(rows)/n
	return op{
		name:  name,
		shape: tensor.Shape{count, c},
		bind: func(z []float32, a [][]float32) []tensor.Task {
			per := max(1, chunk/(n*c))
			return []tensor.Task{{N: (count + per - 1) / per, Do: func(i, _ int) {
				lo, hi := i*per, min((i+1)*per, count)
				asm.GatherSum(z[lo*c:hi*c], a[0], rows[lo*n:hi*n], n)
			}}}
		},
	}
}
