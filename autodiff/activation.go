package autodiff

import (
	"math"

	"spdiff/asm"
)

// Sigmoid returns σ(x) = 1/(1 + e^−x). Its derivative is σ(1 − σ).
func Sigmoid(x *Node) *Node {
	o := unary("sigmoid", x, asm.Sigmoid)
	o.grad = func(z, dz *Node) []*Node {
		return []*Node{Mul(dz, Sub(z, Square(z)))}
	}
	return apply(o, x)
}

// Tanh returns the hyperbolic tangent of x. Its derivative is 1 − tanh².
func Tanh(x *Node) *Node {
	o := unary("tanh", x, asm.Tanh)
	o.grad = func(z, dz *Node) []*Node { return []*Node{Sub(dz, Mul(dz, Square(z)))} }
	return apply(o, x)
}

// SiLU returns x·σ(x), also called swish (Hendrycks & Gimpel, 2016).
func SiLU(x *Node) *Node {
	o := unary("silu", x, asm.SiLU)
	o.expand = func(x []*Node) *Node { return Mul(x[0], Sigmoid(x[0])) }
	o.grad = func(_, dz *Node) []*Node { return []*Node{siluGrad(x, dz)} }
	return apply(o, x)
}

// siluGrad returns dz·σ(x)·(1 + x·(1 − σ(x))).
func siluGrad(x, dz *Node) *Node {
	o := binary("silu.grad", x, dz, asm.SiLUGrad)
	o.expand = func(a []*Node) *Node {
		x, dz := a[0], a[1]
		s := Sigmoid(x)
		return Mul(dz, Add(s, Mul(x, Sub(s, Square(s)))))
	}
	return apply(o, x, dz)
}

// LeakyReLU returns x where x > 0 and slope·x elsewhere; with slope 0 it is the
// rectifier ReLU. It is max(x, slope·x) for slope ≤ 1.
func LeakyReLU(x *Node, slope float32) *Node {
	factor := [2]float32{1, slope}
	o := unary("leakyrelu", x, func(z, x []float32) {
		for i, v := range x {
			z[i] = v * factor[notPositive(v)]
		}
	})
	o.attrs = attributes{"slope": slope}
	o.grad = func(_, dz *Node) []*Node { return []*Node{leakyGrad(x, dz, slope)} }
	return apply(o, x)
}

// leakyGrad returns dz where x > 0 and slope·dz elsewhere, linear in dz.
func leakyGrad(x, dz *Node, slope float32) *Node {
	factor := [2]float32{1, slope}
	o := binary("leakyrelu.grad", x, dz, func(z, x, dz []float32) {
		for i, d := range dz {
			z[i] = d * factor[notPositive(x[i])]
		}
	})
	o.grad = func(_, d *Node) []*Node { return []*Node{nil, leakyGrad(x, d, slope)} }
	o.expand = func(x []*Node) *Node {
		positive := Clamp(Sign(x[0]), 0, 1)
		return Mul(x[1], Shift(Scale(positive, 1-slope), slope))
	}
	return apply(o, x, dz)
}

// notPositive returns 0 for x > 0 and 1 for x ≤ 0, without a branch: of signs
// at random half of the branches would be guessed wrong, five times as slow.
func notPositive(x float32) uint32 {
	b := math.Float32bits(x)
	return (b - 1 | b) >> 31
}

// ReLU returns max(x, 0).
func ReLU(x *Node) *Node {
	o := unary("relu", x, func(z, x []float32) { asm.Clamp(z, 0, float32(math.Inf(1)), x) })
	o.grad = func(_, dz *Node) []*Node { return []*Node{leakyGrad(x, dz, 0)} }
	o.expand = func(a []*Node) *Node { return LeakyReLU(a[0], 0) }
	return apply(o, x)
}
