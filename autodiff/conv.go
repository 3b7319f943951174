package autodiff

import (
	"fmt"

	"spdiff/tensor"
)

// Conv returns the convolution z = bias + x∗w of images x (N, H, W, Cin) with the weights w (len(k), Cin, Cout), stride 1,
// zero padding, (N, H, W, Cout). The taps of an orbit of k share one weight: see tensor.Conv for the order of the sums. bias
// (Cout) may be nil. It panics with a *ShapeError if the shapes do not fit, and with a *tensor.ConvError if an orbit has not 1, 2, 4
// or 8 taps.
//
// The weights are packed by operations of their own, which depend on nothing else: in a program whose weights are variables
// they belong to Prepare.
func Conv(x, w, bias *Node, k tensor.Kernel) *Node {
	return In(tensor.Float32).Conv(x, w, bias, k)
}

// Conv is the function Conv with products in precision p. It panics as that does.
func (p In) Conv(x, w, bias *Node, k tensor.Kernel) *Node {
	s, ws := x.Shape(), w.Shape()
	if len(s) != 4 || len(ws) != 3 || ws[0] != len(k) || ws[1] != s[3] {
		panic(&ShapeError{"conv", []tensor.Shape{s, ws}, fmt.Sprintf("the shapes must be (N, H, W, Cin) and (%d, Cin, Cout)", len(k))})
	}
	plan := tensor.NewConv(p.shape(s, ws[2]), k)
	return newBilinear("conv", plan, plan.Transpose(), s, ws, denseOf(k).apply).forward(x, w, bias)
}

// ConvWindow returns the convolution of images x (N, H, W, Cin) with windows of kh×kw weights, w (kh·kw, Cin, Cout) in raster
// order, stride pixels apart on the image with pad pixels of zeros about it: (N, h, w, Cout), h being ⌊(H + Top + Bottom − kh)/stride⌋
// + 1, and w likewise; see tensor.ConvShape.Window. It panics with a *ShapeError if the shapes do not fit, and with tensor's
// *ConvError if there is no such window.
func ConvWindow(x, w, bias *Node, kh, kw, stride int, pad tensor.Padding) *Node {
	return windowed(x, w, kh, kw, stride, pad).forward(x, w, bias)
}

// ConvWindowReLU is ReLU(ConvWindow(…)), in one pass over memory.
func ConvWindowReLU(x, w, bias *Node, kh, kw, stride int, pad tensor.Padding) *Node {
	return windowed(x, w, kh, kw, stride, pad).rectified(x, w, bias)
}

func windowed(x, w *Node, kh, kw, stride int, pad tensor.Padding) *bilinear {
	s, ws := x.Shape(), w.Shape()
	if len(s) != 4 || len(ws) != 3 || ws[0] != kh*kw || ws[1] != s[3] {
		panic(&ShapeError{"conv", []tensor.Shape{s, ws}, fmt.Sprintf("the shapes must be (N, H, W, Cin) and (%d, Cin, Cout)", kh*kw)})
	}
	plan := tensor.NewConv(tensor.ConvShape{N: s[0], H: s[1], W: s[2], Cin: ws[1], Cout: ws[2]}.Window(kh, kw, stride, pad))
	out := plan.Shape()
	p := newBilinear("conv", plan, plan.Transpose(), s, ws, func(x, w *Node) *Node { return windowSums(x, w, kh, kw, stride, pad, out) })
	p.z = tensor.Shape{s[0], out.OutH, out.OutW, ws[2]}
	p.flops = 2 * int64(size(p.z)) * int64(ws[0]*ws[1])
	return p
}

// windowSums returns x∗w of windows in simple operations: what each tap sees side by side, times the weights.
func windowSums(x, w *Node, kh, kw, stride int, pad tensor.Padding, out tensor.ConvShape) *Node {
	s, pixels := x.Shape(), out.OutH*out.OutW
	images := Reshape(x, s[0], s[1]*s[2], s[3])
	var seen []*Node
	for tap := range kh * kw {
		rows := make([]int32, pixels)
		for p := range rows {
			y, x := p/out.OutW*stride+tap/kw-pad.Top, p%out.OutW*stride+tap%kw-pad.Left
			if rows[p] = int32(y*s[2] + x); y < 0 || y >= s[1] || x < 0 || x >= s[2] {
				rows[p] = -1
			}
		}
		seen = append(seen, gatherOrZero(images, rows))
	}
	all := Reshape(Concat(seen...), 1, s[0]*pixels, kh*kw*s[3])
	return Reshape(BatchMatMul(all, Reshape(w, 1, kh*kw*s[3], out.Cout)), s[0], out.OutH, out.OutW, out.Cout)
}

// A convPlan is the plan of a convolution: tensor.Conv, tensor.GroupConv or tensor.PlaneConv.
type convPlan interface {
	Shape() tensor.ConvShape
	Precision() tensor.Precision
	GradPrecision() tensor.Precision
	PackedLen() int
	Pack(packed, w []float32) tensor.Task
	PackTransposed(packed, w []float32) tensor.Task
	Forward(z, x, packed, bias []float32) []tensor.Task
	WeightGrad(dw, x, dz []float32) []tensor.Task
}

// A bilinear is the bilinear map (x, w) ↦ z of a convolution, and its two transposes (z, w) ↦ x and (x, z) ↦ w. The
// derivatives of each of the three are the other two.
type bilinear struct {
	name    string // in messages
	plan    convPlan
	back    convPlan // its transpose
	x, w, z tensor.Shape
	simple  func(x, w *Node) *Node // x∗w in simple operations
	flops   int64
}

// newBilinear returns the map of a plan and its transpose, for x and w of these shapes.
func newBilinear(name string, plan, back convPlan, x, w tensor.Shape, simple func(x, w *Node) *Node) *bilinear {
	s := plan.Shape()
	return &bilinear{name, plan, back, x, w, withLast(x, s.Cout), simple, 2 * int64(s.N*s.H*s.W) * int64(size(w))}
}

// factors are the arguments of forward, as nodes or as memory; bias is not set if there is none.
type factors[T any] struct{ x, w, packed, bias T }

func factorsOf[T any](args []T) (p factors[T]) {
	p.x, p.w, p.packed = args[0], args[1], args[2]
	if len(args) > 3 {
		p.bias = args[3]
	}
	return p
}

// forward returns bias + x∗w.
func (p *bilinear) forward(x, w, bias *Node) *Node {
	return apply(op{
		name:      "product",
		shape:     p.z,
		flops:     p.flops,
		attrs:     p.attributes(),
		precision: p.plan.Precision(),
		bind: func(z []float32, args [][]float32) []tensor.Task {
			a := factorsOf(args)
			return p.plan.Forward(z, a.x, a.packed, a.bias)
		},
		grad:   func(_, dz *Node) []*Node { return p.grads(x, w, bias, dz) },
		expand: p.sum,
	}, p.args(x, w, bias)...)
}

// rectified returns max(bias + x∗w, 0), of a plain convolution.
func (p *bilinear) rectified(x, w, bias *Node) *Node {
	return apply(op{
		name:      "product.relu",
		shape:     p.z,
		flops:     p.flops,
		attrs:     p.attributes(),
		precision: p.plan.Precision(),
		bind: func(z []float32, args [][]float32) []tensor.Task {
			a := factorsOf(args)
			return p.plan.(*tensor.Conv).ForwardReLU(z, a.x, a.packed, a.bias)
		},
		grad:   func(z, dz *Node) []*Node { return p.grads(x, w, bias, leakyGrad(z, dz, 0)) },
		expand: func(args []*Node) *Node { return LeakyReLU(p.sum(args), 0) },
	}, p.args(x, w, bias)...)
}

// attributes say which product it is.
func (p *bilinear) attributes() attributes {
	return attributes{"product": p.name, "precision": p.plan.Shape().Precision}
}

// sum returns bias + x∗w of the arguments in simple operations.
func (p *bilinear) sum(args []*Node) *Node {
	a := factorsOf(args)
	z := p.simple(a.x, a.w)
	if a.bias != nil {
		z = Add(z, Expand(a.bias, p.z...))
	}
	return z
}

// args returns the arguments of bias + x∗w: x, w, w packed, and the bias if there is one.
func (p *bilinear) args(x, w, bias *Node) []*Node {
	args := []*Node{x, w, p.pack(w)}
	if bias == nil {
		return args
	}
	if cout := p.z[len(p.z)-1]; len(bias.Shape()) != 1 || bias.Shape()[0] != cout {
		panic(&ShapeError{p.name, []tensor.Shape{p.x, p.w, bias.Shape()}, fmt.Sprintf("the bias must have %d elements", cout)})
	}
	return append(args, bias)
}

// grads returns the gradients of args, given that of bias + x∗w.
func (p *bilinear) grads(x, w, bias, dz *Node) []*Node {
	grads := []*Node{p.inputGrad(dz, w), p.weightGrad(x, dz), nil}
	if bias != nil {
		grads = append(grads, SumTo(dz, bias.Shape()...))
	}
	return grads
}

// inputGrad returns the gradient of x, given that of z.
func (p *bilinear) inputGrad(dz, w *Node) *Node {
	return apply(op{
		name:      "product.dx",
		shape:     p.x,
		flops:     p.flops,
		precision: p.back.Precision(),
		bind: func(dx []float32, args [][]float32) []tensor.Task {
			dz, packed := args[0], args[2]
			return p.back.Forward(dx, dz, packed, nil)
		},
		grad: func(_, ddx *Node) []*Node {
			return []*Node{p.forward(ddx, w, nil), p.weightGrad(ddx, dz), nil}
		},
		expand: func(args []*Node) *Node {
			dz, w := args[0], args[1]
			x := Zeros(p.x...) // any: the derivative does not depend on it
			return backward(p.simple(x, w), dz, []*Node{x}, true)[0]
		},
	}, dz, w, p.packTransposed(w))
}

// weightGrad returns the gradient of w, given that of z.
func (p *bilinear) weightGrad(x, dz *Node) *Node {
	return apply(op{
		name:      "product.dw",
		shape:     p.w,
		flops:     p.flops,
		precision: p.plan.GradPrecision(),
		bind: func(dw []float32, args [][]float32) []tensor.Task {
			x, dz := args[0], args[1]
			return p.plan.WeightGrad(dw, x, dz)
		},
		grad: func(_, ddw *Node) []*Node {
			return []*Node{p.inputGrad(dz, ddw), p.forward(x, ddw, nil)}
		},
		expand: func(args []*Node) *Node {
			x, dz := args[0], args[1]
			w := Zeros(p.w...) // any
			return backward(p.simple(x, w), dz, []*Node{w}, true)[0]
		},
	}, x, dz)
}

// pack returns the weights as forward reads them. Derivatives go through the weights themselves.
func (p *bilinear) pack(w *Node) *Node {
	return apply(op{
		name:  "product.pack",
		shape: tensor.Shape{p.plan.PackedLen()},
		bind: func(z []float32, a [][]float32) []tensor.Task {
			return []tensor.Task{p.plan.Pack(z, a[0])}
		},
		grad: func(_, _ *Node) []*Node { return []*Node{nil} },
	}, w)
}

// packTransposed returns the weights as inputGrad reads them.
func (p *bilinear) packTransposed(w *Node) *Node {
	return apply(op{
		name:  "product.packT",
		shape: tensor.Shape{p.back.PackedLen()},
		bind: func(z []float32, a [][]float32) []tensor.Task {
			return []tensor.Task{p.plan.PackTransposed(z, a[0])}
		},
		grad: func(_, _ *Node) []*Node { return []*Node{nil} },
	}, w)
}
