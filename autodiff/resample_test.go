package autodiff

import (
	"testing"

	"spdiff/tensor"
)

func init() {
	addCases(
		opCase{
			name:  "pool2",
			args:  []arg{{shape: tensor.Shape{2, 4, 6, 3}}},
			build: func(x []*Node) *Node { return MeanPool2(x[0]) },
			want: func(x [][]float64) []float64 {
				z := make([]float64, 2*2*3*3)
				for i, v := range x[0] {
					img, y, xx, c := i/(4*6*3), i/(6*3)%4, i/3%6, i%3
					z[((img*2+y/2)*3+xx/2)*3+c] += v / 4
				}
				return z
			},
		},
		opCase{
			name:  "upsample2",
			args:  []arg{{shape: tensor.Shape{2, 2, 3, 3}}},
			build: func(x []*Node) *Node { return Upsample2(x[0]) },
			want: func(x [][]float64) []float64 {
				z := make([]float64, 2*4*6*3)
				for i := range z {
					img, y, xx, c := i/(4*6*3), i/(6*3)%4, i/3%6, i%3
					z[i] = x[0][((img*2+y/2)*3+xx/2)*3+c]
				}
				return z
			},
		},
	)
}

// The two are adjoint up to a factor: ⟨Upsample2(x), y⟩ = 4·⟨x, MeanPool2(y)⟩.
// The numbers are small and whole, so that no sum rounds.
func TestResamplingIsAdjoint(t *testing.T) {
	x, y := Input("x", 2, 3, 5, 4), Input("y", 2, 6, 10, 4)
	left, right := Sum(Mul(Upsample2(x), y)), Scale(Sum(Mul(x, MeanPool2(y))), 4)
	w := Compile(left, right).NewWorkspace()
	for i, v := range normalNoise(len(w.Input(x)), 1) {
		w.Input(x)[i] = float32(int(8 * v))
	}
	for i, v := range normalNoise(len(w.Input(y)), 2) {
		w.Input(y)[i] = float32(int(8 * v))
	}
	w.Run()
	if l, r := w.Output(left)[0], w.Output(right)[0]; l != r || l == 0 {
		t.Errorf("⟨Upsample2(x), y⟩ = %v, 4·⟨x, MeanPool2(y)⟩ = %v", l, r)
	}
}

// Halving what was doubled gives it back, bit by bit.
func TestMeanPoolUndoesUpsample(t *testing.T) {
	x := Input("x", 2, 3, 5, 4)
	data := normalNoise(2*3*5*4, 1)
	if !sameBits(evalOne(MeanPool2(Upsample2(x)), x, data), data) {
		t.Error("the mean of four equal pixels is another")
	}
}

func TestResamplingErrors(t *testing.T) {
	flat := Input("x", 4, 4, 3)
	wantShapeError(t, func() { MeanPool2(flat) }, "autodiff: meanpool2 of 4×4×3: the shape must be (N, H, W, C)")
	wantShapeError(t, func() { Upsample2(flat) }, "autodiff: upsample2 of 4×4×3: the shape must be (N, H, W, C)")
	wantShapeError(t, func() { MeanPool2(Input("x", 2, 6, 7, 3)) }, "autodiff: meanpool2 of 2×6×7×3: 6×7 pixels cannot be halved; both sides must be even")
	wantShapeError(t, func() { MeanPool2(Input("x", 2, 5, 6, 3)) }, "autodiff: meanpool2 of 2×5×6×3: 5×6 pixels cannot be halved; both sides must be even")
}
