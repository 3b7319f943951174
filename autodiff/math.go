package autodiff

import "spdiff/asm"

// Exp returns e^x.
func Exp(x *Node) *Node {
	o := unary("exp", x, asm.Exp)
	o.grad = func(z, dz *Node) []*Node { return []*Node{Mul(dz, z)} }
	return apply(o, x)
}

// Log returns the natural logarithm of x.
func Log(x *Node) *Node {
	o := unary("log", x, asm.Log)
	o.grad = func(_, dz *Node) []*Node { return []*Node{Div(dz, x)} }
	return apply(o, x)
}

// Sqrt returns √x.
func Sqrt(x *Node) *Node {
	o := unary("sqrt", x, asm.Sqrt)
	o.grad = func(z, dz *Node) []*Node { return []*Node{Div(Scale(dz, 0.5), z)} }
	return apply(o, x)
}

// Rsqrt returns 1/√x. Its derivative is −½·z³.
func Rsqrt(x *Node) *Node {
	o := unary("rsqrt", x, asm.Rsqrt)
	o.expand = func(x []*Node) *Node { return Div(Fill(1, x[0].Shape()...), Sqrt(x[0])) }
	o.grad = func(z, dz *Node) []*Node {
		return []*Node{Mul(Mul(Scale(dz, -0.5), z), Square(z))}
	}
	return apply(o, x)
}

// Sin returns the sine of x, in radians.
func Sin(x *Node) *Node {
	o := unary("sin", x, asm.Sin)
	o.grad = func(_, dz *Node) []*Node { return []*Node{Mul(dz, Cos(x))} }
	return apply(o, x)
}

// Cos returns the cosine of x, in radians.
func Cos(x *Node) *Node {
	o := unary("cos", x, asm.Cos)
	o.grad = func(_, dz *Node) []*Node { return []*Node{Neg(Mul(dz, Sin(x)))} }
	return apply(o, x)
}

// Abs returns |x|. Its derivative at 0 is 0.
func Abs(x *Node) *Node {
	o := unary("abs", x, asm.Abs)
	o.grad = func(_, dz *Node) []*Node { return []*Node{Mul(dz, Sign(x))} }
	return apply(o, x)
}

// Sign returns −1, 0 or 1 by the sign of x, and NaN for NaN. Its derivative is
// 0 everywhere.
func Sign(x *Node) *Node {
	o := unary("sign", x, func(z, x []float32) {
		for i, v := range x {
			switch {
			case v > 0:
				v = 1
			case v < 0:
				v = -1
			}
			z[i] = v
		}
	})
	o.grad = func(_, _ *Node) []*Node { return []*Node{nil} }
	return apply(o, x)
}

// Clamp returns x limited to [lo, hi]. Its derivative is 1 where lo ≤ x ≤ hi
// and 0 elsewhere.
func Clamp(x *Node, lo, hi float32) *Node {
	o := unary("clamp", x, func(z, x []float32) { asm.Clamp(z, lo, hi, x) })
	o.attrs = attributes{"min": lo, "max": hi}
	o.grad = func(_, dz *Node) []*Node { return []*Node{Mul(dz, within(x, lo, hi))} }
	return apply(o, x)
}

// within returns 1 where lo ≤ x ≤ hi, else 0.
func within(x *Node, lo, hi float32) *Node {
	o := unary("within", x, func(z, x []float32) {
		for i, v := range x {
			z[i] = 0
			if lo <= v && v <= hi {
				z[i] = 1
			}
		}
	})
	o.expand = func(x []*Node) *Node { // no difference between x and x clamped
		return Shift(Neg(Abs(Sign(Sub(x[0], Clamp(x[0], lo, hi))))), 1)
	}
	o.grad = func(_, _ *Node) []*Node { return []*Node{nil} }
	return apply(o, x)
}
