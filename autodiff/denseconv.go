package autodiff

import (
	"slices"

	"spdiff/tensor"
)

// A denseKernel is h×w taps, odd numbers, about the middle one: the kernel of a simple convolution.
type denseKernel struct {
	h, w   int
	orbits rowTable // of each tap, row by row, the orbits of a kernel that list it, each as often as it does
}

// denseOf returns the smallest dense kernel around k.
func denseOf(k tensor.Kernel) denseKernel {
	y, x := 0, 0
	for _, t := range slices.Concat(k...) {
		y, x = max(y, t[0], -t[0]), max(x, t[1], -t[1])
	}
	h, w := 2*y+1, 2*x+1
	orbits := make([][]int32, h*w)
	for i, orbit := range k {
		for _, t := range orbit {
			at := (t[0]+y)*w + t[1] + x
			orbits[at] = append(orbits[at], int32(i))
		}
	}
	return denseKernel{h, w, newRowTable(orbits)}
}

// apply returns x∗w of images x (N, H, W, Cin) with the weights w (orbits, Cin, Cout), in simple operations.
func (d denseKernel) apply(x, w *Node) *Node {
	s := w.Shape()
	w = Reshape(w, s[0], s[1]*s[2])
	if d.orbits.n == 1 {
		w = gatherOrZero(w, d.orbits.rows)
	} else {
		w = sumOfRows(w, d.orbits)
	}
	return denseConv(x, Reshape(w, d.h*d.w, s[1], s[2]), d.h, d.w)
}

// denseConv returns the convolution of images x (N, H, W, Cin) with a weight for each of h×width taps, row by row: w
// (h·width, Cin, Cout), stride 1, padded with zeros, to (N, H, W, Cout). Both numbers are odd.
func denseConv(x, w *Node, h, width int) *Node {
	s, ws := x.Shape(), w.Shape()
	plan := tensor.NewConv(tensor.ConvShape{N: s[0], H: s[1], W: s[2], Cin: ws[1], Cout: ws[2]}, tensor.Dense(h, width))
	return apply(op{
		name:    "conv",
		shape:   withLast(s, ws[2]),
		attrs:   attributes{"height": h, "width": width},
		scratch: plan.PackedLen(),
		flops:   2 * int64(size(s[:3])) * int64(size(ws)),
		bind: func(z []float32, a [][]float32) []tensor.Task {
			x, w, packed := a[0], a[1], a[2]
			return append([]tensor.Task{plan.Pack(packed, w)}, plan.Forward(z, x, packed, nil)...)
		},
		grad: func(_, dz *Node) []*Node {
			return []*Node{denseConv(dz, turned(w), h, width), denseWeightGrad(x, dz, h, width)}
		},
	}, x, w)
}

// turned returns the weights of the adjoint: taps in reverse, channels swapped.
func turned(w *Node) *Node {
	s := w.Shape()
	back := make([]int32, s[0])
	for i := range back {
		back[i] = int32(s[0] - 1 - i)
	}
	return Reshape(Gather(Reshape(Transpose(w), s[0], s[1]*s[2]), back), s[0], s[2], s[1])
}

// denseWeightGrad returns the gradient of the weights of a denseConv: for each tap, the pixels that it saw times dz.
func denseWeightGrad(x, dz *Node, h, width int) *Node {
	s, cout := x.Shape(), dz.Shape()[3]
	pixels := Reshape(x, s[0], s[1]*s[2], s[3])
	dz = Reshape(dz, size(s[:3]), cout)
	var taps []*Node
	for _, orbit := range tensor.Dense(h, width) {
		seen := Reshape(gatherOrZero(pixels, seenBy(orbit[0], s[1], s[2])), size(s[:3]), s[3])
		taps = append(taps, Reshape(BatchMatMul(Transpose(seen), dz), s[3]*cout))
	}
	return Reshape(Concat(taps...), len(taps), s[3], cout)
}

// seenBy returns, for each of h×w pixels, the one that the tap sees from there, −1 off the image.
func seenBy(t tensor.Tap, h, w int) []int32 {
	rows := make([]int32, 0, h*w)
	for p := range h * w {
		y, x := p/w+t[0], p%w+t[1]
		if y < 0 || y >= h || x < 0 || x >= w {
			rows = append(rows, -1)
		} else {
			rows = append(rows, int32(y*w+x))
		}
	}
	return rows
}
