package autodiff

import (
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
	attention.tol = 1e-2
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
		attention,
	)
	symmetrics = append(symmetrics, symmetric{
		name: "conv 3×3, bf16",
		exact: func(g group.Group, x *Node) *Node {
			return rounded.Conv(x, tiedWeights(g, 3), symBias(7), g.Taps(3, 3))
		},
		twin: func(g group.Group, x *Node) *Node {
			return rounded.Conv(x, untied(tiedWeights(g, 3), g, 3), symBias(7), tensor.Dense(3, 3))
		},
	}, symmetric{
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
