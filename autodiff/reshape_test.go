package autodiff

import (
	"slices"
	"testing"

	"spdiff/tensor"
)

func identity(x [][]float64) []float64 { return slices.Clone(x[0]) }

func init() {
	addCases(
		opCase{
			name:  "reshape",
			args:  []arg{{shape: tensor.Shape{2, 6}}},
			build: func(x []*Node) *Node { return Reshape(x[0], 3, 4) },
			want:  identity,
		},
		opCase{
			name:  "stopgradient",
			args:  []arg{{shape: tensor.Shape{4}}},
			build: func(x []*Node) *Node { return StopGradient(x[0]) },
			want:  identity,
			order: -1,
		},
	)
}

func TestStopGradient(t *testing.T) {
	x := Input("x")
	dx := Grad(Mul(x, StopGradient(x)), x)[0] // x, where without the stop it would be 2x
	if got := evalOne(dx, x, []float32{3})[0]; got != 3 {
		t.Errorf("d(x·stop(x)) = %v, want 3", got)
	}
}

func TestReshapeCopiesNothing(t *testing.T) {
	x := Input("x", 2, 6)
	y := Reshape(Reshape(x, 12), 3, 4)
	w := Compile(y).NewWorkspace()
	if &w.Output(y)[0] != &w.Input(x)[0] {
		t.Error("a reshaped input has memory of its own")
	}
	if n := len(w.program.Ops()); n != 0 {
		t.Errorf("a reshape is %d operations, want 0", n)
	}
}
