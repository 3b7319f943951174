package autodiff

import (
	"fmt"

	"spdiff/tensor"
)

// Conv returns the convolution z = bias + x∗w of images x (N, H, W, Cin) with the weights w (len(k), Cin, Cout), stride 1,
// zero padding, (N, H, W, Cout). The taps of an orbit of k share one weight: see tensor.Conv for the order of the sums. bias
// (Cout) may be nil. It panics with a *ShapeError if the shapes do not fit.
//
// The weights are packed by operations of their own, which depend on nothing else: in a program whose weights are variables
// they belong to Prepare.
func Conv(x, w, bias *Node, k tensor.Kernel) *Node {
	s, ws := x.Shape(), w.Shape()
	if len(s) != 4 || len(ws) != 3 || ws[0] != len(k) || ws[1] != s[3] {
		panic(&ShapeError{"conv", []tensor.Shape{s, ws}, fmt.Sprintf("the shapes must be (N, H, W, Cin) and (%d, Cin, Cout)", len(k))})
	}
	plan := tensor.NewConv(tensor.ConvShape{N: s[0], H: s[1], W: s[2], Cin: ws[1], Cout: ws[2]}, k)
	return newBilinear("conv", plan, plan.Transpose(), s, ws).forward(x, w, bias)
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
	p, out := newBilinear("conv", plan, plan.Transpose(), s, ws), plan.Shape()
	p.z = tensor.Shape{s[0], out.OutH, out.OutW, ws[2]}
	p.flops = 2 * int64(size(p.z)) * int64(ws[0]*ws[1])
	return p
}

// A convPlan is the plan of a convolution: tensor.Conv, tensor.GroupConv or tensor.PlaneConv.
type convPlan interface {
	Shape() tensor.ConvShape
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
	flops   int64
}

// newBilinear returns the map of a plan and its transpose, for x and w of these shapes.
func newBilinear(name string, plan, back convPlan, x, w tensor.Shape) *bilinear {
	s := plan.Shape()
	return &bilinear{name, plan, back, x, w, withLast(x, s.Cout), 2 * int64(s.N*s.H*s.W) * int64(size(w))}
}

// forward returns bias + x∗w.
func (p *bilinear) forward(x, w, bias *Node) *Node {
	return apply(op{
		name:  "product",
		shape: p.z,
		flops: p.flops,
		bind: func(z []float32, a [][]float32) []tensor.Task {
			return p.plan.Forward(z, a[0], a[2], biasOf(a))
		},
		grad: func(_, dz *Node) []*Node { return p.grads(x, w, bias, dz) },
	}, p.args(x, w, bias)...)
}

// rectified returns max(bias + x∗w, 0), of a plain convolution.
func (p *bilinear) rectified(x, w, bias *Node) *Node {
	return apply(op{
		name:  "product.relu",
		shape: p.z,
		flops: p.flops,
		bind: func(z []float32, a [][]float32) []tensor.Task {
			return p.plan.(*tensor.Conv).ForwardReLU(z, a[0], a[2], biasOf(a))
		},
		grad: func(z, dz *Node) []*Node { return p.grads(x, w, bias, leakyGrad(z, dz, 0)) },
	}, p.args(x, w, bias)...)
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

// biasOf returns the bias among the values of args, or nil.
func biasOf(a [][]float32) []float32 {
	if len(a) < 4 {
		return nil
	}
	return a[3]
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
		name:  "product.dx",
		shape: p.x,
		flops: p.flops,
		bind: func(dx []float32, a [][]float32) []tensor.Task {
			return p.back.Forward(dx, a[0], a[2], nil)
		},
		grad: func(_, ddx *Node) []*Node {
			return []*Node{p.forward(ddx, w, nil), p.weightGrad(ddx, dz), nil}
		},
	}, dz, w, p.packTransposed(w))
}

// weightGrad returns the gradient of w, given that of z.
func (p *bilinear) weightGrad(x, dz *Node) *Node {
	return apply(op{
		name:  "product.dw",
		shape: p.w,
		flops: p.flops,
		bind: func(dw []float32, a [][]float32) []tensor.Task {
			return p.plan.WeightGrad(dw, a[0], a[1])
		},
		grad: func(_, ddw *Node) []*Node {
			return []*Node{p.inputGrad(dz, ddw), p.forward(x, ddw, nil)}
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
