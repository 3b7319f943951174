package autodiff

import "spdiff/tensor"

// each returns the float64 statement of an elementwise function of one argument.
func each(f func(x float64) float64) func([][]float64) []float64 {
	return func(x [][]float64) []float64 {
		z := make([]float64, len(x[0]))
		for i := range z {
			z[i] = f(x[0][i])
		}
		return z
	}
}

// each2 is each for two arguments.
func each2(f func(x, y float64) float64) func([][]float64) []float64 {
	return func(x [][]float64) []float64 {
		z := make([]float64, len(x[0]))
		for i := range z {
			z[i] = f(x[0][i], x[1][i])
		}
		return z
	}
}

// unaryCase is a case of f on arguments in [lo, hi).
func unaryCase(name string, lo, hi float64, build func(x *Node) *Node, f func(x float64) float64) opCase {
	return opCase{
		name:  name,
		args:  []arg{{shape: tensor.Shape{3, 7}, lo: lo, hi: hi}},
		build: func(x []*Node) *Node { return build(x[0]) },
		want:  each(f),
	}
}

// binaryCase is a case of f on arguments of absolute value in [0.5, 2).
func binaryCase(name string, build func(x, y *Node) *Node, f func(x, y float64) float64) opCase {
	a := arg{shape: tensor.Shape{2, 5, 3}, lo: 0.5, hi: 2}
	return opCase{
		name:  name,
		args:  []arg{a, a},
		build: func(x []*Node) *Node { return build(x[0], x[1]) },
		want:  each2(f),
	}
}

func init() {
	addCases(
		binaryCase("add", Add, func(x, y float64) float64 { return x + y }),
		binaryCase("sub", Sub, func(x, y float64) float64 { return x - y }),
		binaryCase("mul", Mul, func(x, y float64) float64 { return x * y }),
		binaryCase("div", Div, func(x, y float64) float64 { return x / y }),
		unaryCase("mul/same", -2, 2, func(x *Node) *Node { return Mul(x, x) }, func(x float64) float64 { return x * x }),
		unaryCase("scale", -2, 2, func(x *Node) *Node { return Scale(x, 1.5) }, func(x float64) float64 { return 1.5 * x }),
		unaryCase("scale/neg", -2, 2, Neg, func(x float64) float64 { return -x }),
		unaryCase("shift", -2, 2, func(x *Node) *Node { return Shift(x, 0.75) }, func(x float64) float64 { return x + 0.75 }),
		unaryCase("square", -2, 2, Square, func(x float64) float64 { return x * x }),
	)
}
