package autodiff

import (
	"math"
	"testing"

	"spdiff/tensor"
)

func init() {
	addCases(
		unaryCase("exp", -3, 3, Exp, math.Exp),
		unaryCase("log", 0.25, 4, Log, math.Log),
		unaryCase("sqrt", 0.25, 4, Sqrt, math.Sqrt),
		unaryCase("rsqrt", 0.25, 4, Rsqrt, func(x float64) float64 { return 1 / math.Sqrt(x) }),
		unaryCase("sin", -6, 6, Sin, math.Sin),
		unaryCase("cos", -6, 6, Cos, math.Cos),
		kinkedCase("abs", Abs, math.Abs),
		kinkedCase("sign", Sign, func(x float64) float64 { return math.Copysign(1, x) }),
		kinkedCase("clamp", func(x *Node) *Node { return Clamp(x, -1, 2) }, func(x float64) float64 { return min(max(x, -1), 2) }, "within"),
	)
}

// kinkedCase is a case on arguments that keep clear of the kinks at −1, 0 and
// 2, where there is no derivative.
func kinkedCase(name string, build func(x *Node) *Node, f func(x float64) float64, covers ...string) opCase {
	return opCase{
		name:   name,
		covers: covers,
		args:   []arg{{shape: tensor.Shape{6}, data: []float32{-2.5, -1.25, -0.5, 0.25, 1.5, 3}}},
		build:  func(x []*Node) *Node { return build(x[0]) },
		want:   each(f),
	}
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
