package autodiff

import (
	"math"
	"testing"

	"spdiff/tensor"
)

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

func init() {
	addCases(
		unaryCase("exp", -3, 3, Exp, math.Exp),
		unaryCase("log", 0.25, 4, Log, math.Log),
		unaryCase("sqrt", 0.25, 4, Sqrt, math.Sqrt),
		unaryCase("rsqrt", 0.25, 4, Rsqrt, func(x float64) float64 { return 1 / math.Sqrt(x) }),
		unaryCase("sin", -6, 6, Sin, math.Sin),
		unaryCase("cos", -6, 6, Cos, math.Cos),
		unaryCase("sigmoid", -4, 4, Sigmoid, sigmoid),
		unaryCase("tanh", -3, 3, Tanh, math.Tanh),
		opCase{
			name: "silu", covers: []string{"silu.grad"},
			args:  []arg{{shape: tensor.Shape{4, 5}, lo: -4, hi: 4}},
			build: func(x []*Node) *Node { return SiLU(x[0]) },
			want:  each(func(x float64) float64 { return x * sigmoid(x) }),
		},
		opCase{
			name:  "silu.grad",
			args:  []arg{{shape: tensor.Shape{9}, lo: -4, hi: 4}, {shape: tensor.Shape{9}}},
			build: func(x []*Node) *Node { return siluGrad(x[0], x[1]) },
			want: each2(func(x, dz float64) float64 {
				s := sigmoid(x)
				return dz * s * (1 + x*(1-s))
			}),
		},
	)
	// Arguments keep clear of the kinks, where there is no derivative.
	kinked := arg{shape: tensor.Shape{6}, data: []float32{-2.5, -1.25, -0.5, 0.25, 1.5, 3}}
	kinkedCase := func(name string, build func(x *Node) *Node, f func(x float64) float64, covers ...string) opCase {
		return opCase{
			name: name, covers: covers, args: []arg{kinked},
			build: func(x []*Node) *Node { return build(x[0]) },
			want:  each(f),
		}
	}
	addCases(
		kinkedCase("abs", Abs, math.Abs),
		kinkedCase("sign", Sign, func(x float64) float64 { return math.Copysign(1, x) }),
		kinkedCase("clamp", func(x *Node) *Node { return Clamp(x, -1, 2) }, func(x float64) float64 { return min(max(x, -1), 2) }, "within"),
		kinkedCase("leakyrelu", func(x *Node) *Node { return LeakyReLU(x, 0.25) }, func(x float64) float64 { return max(x, 0.25*x) }, "leakyrelu.grad"),
		kinkedCase("leakyrelu/relu", ReLU, func(x float64) float64 { return max(x, 0) }),
	)
}

// What the kinks themselves give is stated, too.
func TestKinks(t *testing.T) {
	x := Input("x", 1)
	for _, c := range []struct {
		name  string
		y     *Node
		x     float32
		slope float32
	}{
		{"abs at 0", Abs(x), 0, 0},
		{"clamp at its lower end", Clamp(x, -1, 1), -1, 1},
		{"clamp at its upper end", Clamp(x, -1, 1), 1, 1},
		{"clamp outside", Clamp(x, -1, 1), 1.5, 0},
		{"relu at 0", ReLU(x), 0, 0},
		{"leaky relu at 0", LeakyReLU(x, 0.25), 0, 0.25},
	} {
		dx := Grad(Sum(c.y), x)[0]
		w := Compile(dx).NewWorkspace()
		w.Input(x)[0] = c.x
		w.Prepare()
		w.Run()
		if got := w.Output(dx)[0]; got != c.slope {
			t.Errorf("%s: slope %v, want %v", c.name, got, c.slope)
		}
	}
}
