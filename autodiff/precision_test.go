package autodiff

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"spdiff/asm"
	"spdiff/group"
	"spdiff/tensor"
)

var rounded = In(tensor.BF16)

// Products of bf16 are, up to their precision, what those of float32 are, and so are derivatives of both orders.
func init() {
	const n, h, w, c = 2, 3, 3, 9
	square := func(name string, k tensor.Kernel) opCase {
		return opCase{
			name: name, covers: []string{"product.dx", "product.dw", "product.pack", "product.packT"},
			args:  []arg{{shape: tensor.Shape{n, h, w, c}}, {shape: tensor.Shape{len(k), c, c}}, {shape: tensor.Shape{c}}},
			build: func(x []*Node) *Node { return rounded.Conv(x[0], x[1], x[2], k) },
			want:  slowConv(n, h, w, c, c, k),
			tol:   5e-3,
		}
	}
	attention := attentionCase("attention/bf16", 2, 9, 8, 2, plainKeys(9))
	attention.build = func(x []*Node) *Node { return rounded.Attention(x[0], 8, plainKeys(9)) }
	gaps := attentionCase("attention/bf16 gaps", 1, 512, 8, 1, plainKeys(512))
	gaps.build = func(x []*Node) *Node { return rounded.Attention(x[0], 8, plainKeys(512)) }
	attention.tol, gaps.tol, gaps.order = 1e-2, 1e-2, -1
	addCases(
		square("product/dense, bf16", tensor.Dense(3, 3)),
		square("product/tied, bf16", tied3x3),
		opCase{
			name:  "product/linear, bf16",
			args:  []arg{{shape: tensor.Shape{2, 4, 9}}, {shape: tensor.Shape{9, 8}}, {shape: tensor.Shape{8}}},
			build: func(x []*Node) *Node { return rounded.Linear(x[0], x[1], x[2]) },
			want:  slowConv(1, 1, 8, 9, 8, tensor.Dense(1, 1)),
			tol:   5e-3,
		},
		attention, gaps,
	)
	symmetrics = append(symmetrics, roundedTied(3), roundedTied(5), symmetric{
		name:  "gradient of conv, bf16",
		exact: func(g group.Group, x *Node) *Node { return roundedConvGrad(x, tiedWeights(g, 3), g.Taps(3, 3)) },
		twin: func(g group.Group, x *Node) *Node {
			return roundedConvGrad(x, untied(tiedWeights(g, 3), g, 3), tensor.Dense(3, 3))
		},
	}, symmetric{
		name: "attention, bf16",
		exact: func(g group.Group, x *Node) *Node {
			pixels, weight := g.Domain(x.Shape()[1], x.Shape()[2])
			return roundedAttention(x, Keys{pixels, weight})
		},
		twin: func(_ group.Group, x *Node) *Node { return roundedAttention(x, plainKeys(x.Shape()[1]*x.Shape()[2])) },
	})
	batchedOps = append(batchedOps, batched{
		name: "conv, bf16", args: []tensor.Shape{{9, 11, 9}},
		build: func(x []*Node) []*Node {
			return grads(rounded.Conv(x[0], noiseNode(1, 9, 9, 19), noiseNode(2, 19), tensor.Dense(3, 3)), x...)
		},
	}, batched{
		name: "conv, tied, bf16", args: []tensor.Shape{{9, 11, 9}},
		build: func(x []*Node) []*Node {
			return grads(rounded.Conv(x[0], noiseNode(1, 3, 9, 19), noiseNode(2, 19), tied3x3), x...)
		},
	}, batched{
		name: "attention, bf16", args: []tensor.Shape{{67, 3 * 24}},
		build: func(x []*Node) []*Node { return grads(rounded.Attention(x[0], 12, plainKeys(67)), x...) },
	})
}

// roundedTied is the convolution by size×size taps that the group ties.
func roundedTied(size int) symmetric {
	return symmetric{
		name: fmt.Sprintf("conv %d×%d, bf16", size, size),
		exact: func(g group.Group, x *Node) *Node {
			return rounded.Conv(x, tiedWeights(g, size), symBias(7), g.Taps(size, size))
		},
		twin: func(g group.Group, x *Node) *Node {
			return rounded.Conv(x, untied(tiedWeights(g, size), g, size), symBias(7), tensor.Dense(size, size))
		},
	}
}

func roundedConvGrad(x, w *Node, k tensor.Kernel) *Node {
	s := x.Shape()
	in := Input("in", s[0], s[1], s[2], 7)
	return VJP(rounded.Conv(in, Transpose(w), nil, k), x, in)[0]
}

func roundedAttention(x *Node, keys Keys) *Node {
	s := x.Shape()
	z := rounded.Attention(Reshape(x, s[0], s[1]*s[2], s[3]), 8, keys)
	return Reshape(z, s[0], s[1], s[2], s[3]/3)
}

// Derivatives of a product of bf16, of every order, are products of bf16.
func TestDerivativesKeepThePrecision(t *testing.T) {
	x, w := Input("x", 2, 4, 4, 8), Input("w", 9, 8, 8)
	z := rounded.Conv(x, w, nil, tensor.Dense(3, 3))
	first := VJP(z, Sin(z), x, w)
	second := Grad(Add(Sum(Square(first[0])), Sum(Square(first[1]))), x, w)
	plain := In(tensor.Float32).Conv(x, w, nil, tensor.Dense(3, 3))
	same := VJP(plain, Sin(z), x, w)
	seen := 0
	for _, n := range reachable(second) {
		if p, ok := n.Attributes()["precision"]; ok {
			seen++
			if p != tensor.BF16 {
				t.Errorf("%s is a product of %v", n.Op(), p)
			}
		}
	}
	if seen < 2 {
		t.Errorf("%d products say their precision", seen)
	}
	ws := Compile(first[0], first[1], same[0], same[1]).NewWorkspace()
	copy(ws.Input(x), normalNoise(len(ws.Input(x)), 1))
	copy(ws.Input(w), normalNoise(len(ws.Input(w)), 2))
	ws.Prepare()
	ws.Run()
	for i := range first {
		if sameBits(ws.Output(first[i]), ws.Output(same[i])) {
			t.Errorf("gradient %d is that of float32", i)
		}
	}
}

// An operation says that it is of bf16 exactly if its bits are not those of float32.
func TestOpsTellTheirPrecision(t *testing.T) {
	conv := func(p In, x, w *Node) *Node { return p.Conv(x, w, nil, tensor.Dense(3, 3)) }
	heads := func(d int) func(p In, x, _ *Node) *Node {
		return func(p In, x, _ *Node) *Node { return p.Attention(x, d, plainKeys(9)) }
	}
	for name, c := range map[string]struct {
		x, w  *Node
		build func(p In, x, w *Node) *Node
	}{
		"conv":              {Input("x", 2, 4, 4, 16), noiseNode(2, 9, 16, 16), conv},
		"from few channels": {Input("x", 2, 4, 4, 3), noiseNode(2, 9, 3, 16), conv},
		"to few channels":   {Input("x", 2, 4, 4, 16), noiseNode(2, 9, 16, 3), conv},
		"of few rows":       {Input("x", 5, 16), noiseNode(2, 16, 16), func(p In, x, w *Node) *Node { return p.Linear(x, w, nil) }},
		"planes": {Input("x", 2, 4, 4, 4), noiseNode(2, 9, 2, 16), func(p In, x, w *Node) *Node {
			return p.GroupConv(x, w, nil, groupOrders(2))
		}},
		"from scalars": {Input("x", 2, 4, 4, 2), noiseNode(2, 9, 2, 16), func(p In, x, w *Node) *Node {
			return p.PlaneConv(x, w, nil, 1, 2, planeOrders(2))
		}},
		"heads of eight": {Input("x", 2, 9, 24), nil, heads(8)},
		"heads of four":  {Input("x", 2, 9, 24), nil, heads(4)},
	} {
		full, _ := resultsOf(c.build(In(tensor.Float32), c.x, c.w), c.x, c.w)
		got, says := resultsOf(c.build(rounded, c.x, c.w), c.x, c.w)
		for op, z := range got {
			if same := sameBits(z, full[op]); same != (says[op] == tensor.Float32) {
				t.Errorf("%s: %s says %v; it has the bits of float32: %v", name, op, says[op], same)
			}
		}
	}
}

// resultsOf runs the operation z and its gradients by x and, if there is one, w. It returns their results and the precisions that they say,
// by name.
func resultsOf(z, x, w *Node) (results map[string][]float32, says map[string]tensor.Precision) {
	wrt := []*Node{x}
	if w != nil {
		wrt = append(wrt, w)
	}
	all := append(VJP(z, noiseNode(3, z.Shape()...), wrt...), z)
	p := Compile(all...)
	ws := p.NewWorkspace()
	copy(ws.Input(x), normalNoise(size(x.Shape()), 1))
	ws.Prepare()
	ws.Run()
	results, says = map[string][]float32{}, map[string]tensor.Precision{}
	for _, n := range all {
		results[n.Op()] = ws.Output(n)
	}
	for _, o := range p.Ops() {
		says[o.Name] = o.Precision
	}
	return results, says
}

// No product has a precision that does not exist.
func TestNoSuchPrecision(t *testing.T) {
	const want = "there is no precision 7; there are float32, bf16"
	x, none := Input("x", 1, 2, 2, 8), In(7)
	for name, build := range map[string]func(){
		"conv":      func() { none.Conv(x, Zeros(9, 8, 8), nil, tensor.Dense(3, 3)) },
		"linear":    func() { none.Linear(x, Zeros(8, 8), nil) },
		"groupconv": func() { none.GroupConv(x, Zeros(9, 4, 8), nil, groupOrders(2)) },
		"planeconv": func() { none.PlaneConv(x, Zeros(9, 8, 4), nil, 2, 1, planeOrders(2)) },
	} {
		func() {
			defer func() {
				err, _ := recover().(error)
				var bad *tensor.ConvError
				if !errors.As(err, &bad) || !strings.Contains(err.Error(), want) {
					t.Errorf("%s: panic with %v, want a *tensor.ConvError that says: %s", name, err, want)
				}
			}()
			build()
		}()
	}
	for _, d := range []int{4, 8} {
		wantShapeError(t, func() { none.Attention(Input("x", 1, 9, 24), d, plainKeys(9)) }, "autodiff: attention of 1×9×24: "+want)
	}
}

// steps adds the products of x and w to z as asm.TileBF16 does.
func steps(z float32, x, w []float32) float32 {
	for k := 0; k < len(x); k += 32 {
		var e [2]float32
		for i := k; i < min(k+32, len(x)); i++ {
			e[i%2] = asm.FMA(asm.BF16(x[i]), asm.BF16(w[i]), e[i%2])
		}
		z += e[0] + e[1]
	}
	return z
}

// Attention in bf16 is this, bit by bit: each element's keys are steps of their own.
func TestRoundedAttention(t *testing.T) {
	const side, d, heads = 7, 12, 2
	pixels, weight := group.C4.Domain(side, side)
	keys := Keys{pixels, weight}
	x := Input("x", 1, side*side, 3*d*heads)
	z := rounded.Attention(x, d, keys)
	data := normalNoise(side*side*3*d*heads, 4)
	got, a := make([]float32, side*side*d*heads), newAttention(x, d, keys)
	function(z, x)(got, data)
	part := func(i, head, part int) []float32 { return data[a.pixel(0, i, head, part):][:d] }
	for i := range side * side {
		for head := range heads {
			var scores []float32
			for _, list := range pixels {
				for _, j := range list {
					k := make([]float32, d)
					asm.Scale(k, a.scale, part(int(j), head, 1))
					scores = append(scores, steps(0, part(i, head, 0), k))
				}
			}
			sum := asm.ExpSum(scores, weight)
			for c := range d {
				var nums [4]float32
				for l, list := range pixels {
					v := make([]float32, len(list))
					for j, p := range list {
						v[j] = weight[j] * part(int(p), head, 2)[c]
					}
					nums[l] = steps(0, scores[l*len(list):(l+1)*len(list)], v)
				}
				want := ((nums[0] + nums[1]) + (nums[2] + nums[3])) * (1 / sum)
				if v := got[a.result(0, i, head)+c]; v != want {
					t.Fatalf("pixel %d, head %d, channel %d is %v, want %v", i, head, c, v, want)
				}
			}
		}
	}
}
