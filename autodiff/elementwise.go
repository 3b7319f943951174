package autodiff

import (
	"spdiff/asm"
	"spdiff/tensor"
)

// chunk is how many elements of an elementwise operation make one piece of
// work: 32 KiB an operand, a few microseconds.
const chunk = 8192

// perChunk makes the task that calls do on each chunk [lo, hi) of n elements.
func perChunk(n int, do func(lo, hi int)) []tensor.Task {
	return []tensor.Task{{N: (n + chunk - 1) / chunk, Do: func(i, _ int) {
		do(i*chunk, min((i+1)*chunk, n))
	}}}
}

// elementwise makes the task that calls do on stretches [lo, hi) of the elements of shape s: an image each, or chunks.
func elementwise(s tensor.Shape, do func(lo, hi int)) []tensor.Task {
	images := imagesOf(s)
	if images == 0 {
		return perChunk(size(s), do)
	}
	n := size(s) / images
	return []tensor.Task{{N: images, Do: func(i, _ int) { do(i*n, (i+1)*n) }}}
}

// unary returns the elementwise operation z = f(x).
func unary(name string, x *Node, f func(z, x []float32)) op {
	s := x.Shape()
	return op{
		name:    name,
		shape:   s,
		inplace: 1,
		images:  imagesOf(s),
		bind: func(z []float32, a [][]float32) []tensor.Task {
			x := a[0]
			return elementwise(s, func(lo, hi int) { f(z[lo:hi], x[lo:hi]) })
		},
	}
}

// binary returns the elementwise operation z = f(x, y).
func binary(name string, x, y *Node, f func(z, x, y []float32)) op {
	checkSame(name, x, y)
	s := x.Shape()
	return op{
		name:    name,
		shape:   s,
		inplace: 2,
		images:  imagesOf(s),
		bind: func(z []float32, a [][]float32) []tensor.Task {
			x, y := a[0], a[1]
			return elementwise(s, func(lo, hi int) { f(z[lo:hi], x[lo:hi], y[lo:hi]) })
		},
	}
}

// Add returns x + y, elementwise.
func Add(x, y *Node) *Node {
	o := binary("add", x, y, asm.Add)
	o.grad = func(_, dz *Node) []*Node { return []*Node{dz, dz} }
	return apply(o, x, y)
}

// Sub returns x − y, elementwise.
func Sub(x, y *Node) *Node {
	o := binary("sub", x, y, asm.Sub)
	o.grad = func(_, dz *Node) []*Node { return []*Node{dz, Neg(dz)} }
	return apply(o, x, y)
}

// Mul returns x·y, elementwise.
func Mul(x, y *Node) *Node {
	o := binary("mul", x, y, asm.Mul)
	o.grad = func(_, dz *Node) []*Node { return []*Node{Mul(dz, y), Mul(dz, x)} }
	return apply(o, x, y)
}

// Div returns x/y, elementwise. ∂z/∂y = −z/y.
func Div(x, y *Node) *Node {
	o := binary("div", x, y, asm.Div)
	o.grad = func(z, dz *Node) []*Node {
		dx := Div(dz, y)
		return []*Node{dx, Neg(Mul(dx, z))}
	}
	return apply(o, x, y)
}

// Neg returns −x.
func Neg(x *Node) *Node { return Scale(x, -1) }

// Scale returns a·x.
func Scale(x *Node, a float32) *Node {
	o := unary("scale", x, func(z, x []float32) { asm.Scale(z, a, x) })
	o.attrs = attributes{"factor": a}
	o.grad = func(_, dz *Node) []*Node { return []*Node{Scale(dz, a)} }
	return apply(o, x)
}

// Shift returns x + a.
func Shift(x *Node, a float32) *Node {
	o := unary("shift", x, func(z, x []float32) { asm.Shift(z, a, x) })
	o.attrs = attributes{"addend": a}
	o.grad = func(_, dz *Node) []*Node { return []*Node{dz} }
	return apply(o, x)
}

// Square returns x².
func Square(x *Node) *Node {
	o := unary("square", x, func(z, x []float32) { asm.Mul(z, x, x) })
	o.expand = func(x []*Node) *Node { return Mul(x[0], x[0]) }
	o.grad = func(_, dz *Node) []*Node { return []*Node{Mul(dz, Scale(x, 2))} }
	return apply(o, x)
}
