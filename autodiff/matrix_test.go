package autodiff

import (
	"math"
	"testing"

	"spdiff/tensor"
)

func init() {
	addCases(
		opCase{
			name:  "transpose",
			args:  []arg{{shape: tensor.Shape{2, 3, 4}}},
			build: func(x []*Node) *Node { return Transpose(x[0]) },
			want:  func(x [][]float64) []float64 { return transposed(x[0], 2, 3, 4) },
		},
		opCase{
			name:  "batchmatmul",
			args:  []arg{{shape: tensor.Shape{2, 2, 3, 4}}, {shape: tensor.Shape{2, 2, 4, 5}}},
			build: func(x []*Node) *Node { return BatchMatMul(x[0], x[1]) },
			want:  func(x [][]float64) []float64 { return product(x[0], x[1], 4, 3, 4, 5) },
		},
		opCase{
			name:  "batchmatmul/one",
			args:  []arg{{shape: tensor.Shape{3, 2}}, {shape: tensor.Shape{2, 1}}},
			build: func(x []*Node) *Node { return BatchMatMul(x[0], x[1]) },
			want:  func(x [][]float64) []float64 { return product(x[0], x[1], 1, 3, 2, 1) },
		},
		opCase{
			name:  "softmax",
			args:  []arg{{shape: tensor.Shape{2, 3, 5}, lo: -3, hi: 3}},
			build: func(x []*Node) *Node { return Softmax(x[0]) },
			want:  func(x [][]float64) []float64 { return softmax(x[0], 5) },
		},
	)
}

// transposed transposes b matrices of m×n.
func transposed(x []float64, b, m, n int) []float64 {
	z := make([]float64, len(x))
	for i := range b {
		for r := range m {
			for c := range n {
				z[(i*n+c)*m+r] = x[(i*m+r)*n+c]
			}
		}
	}
	return z
}

// product multiplies b matrices of m×k with as many of k×n.
func product(x, y []float64, b, m, k, n int) []float64 {
	z := make([]float64, b*m*n)
	for i := range b {
		for r := range m {
			for c := range n {
				for j := range k {
					z[(i*m+r)*n+c] += x[(i*m+r)*k+j] * y[(i*k+j)*n+c]
				}
			}
		}
	}
	return z
}

// softmax is that of rows of the given length.
func softmax(x []float64, length int) []float64 {
	z := make([]float64, len(x))
	for at := 0; at < len(x); at += length {
		sum := 0.0
		for i := at; i < at+length; i++ {
			z[i] = math.Exp(x[i])
			sum += z[i]
		}
		for i := at; i < at+length; i++ {
			z[i] /= sum
		}
	}
	return z
}

// Operations are counted beyond 32 bits, on machines of 32 too (GOARCH=386 go test).
func TestBatchMatMulTellsItsCost(t *testing.T) {
	x := Input("x", 2, 1<<11, 1<<11)
	if got, want := BatchMatMul(x, x).op.flops, int64(2*2)<<33; got != want {
		t.Errorf("%d operations, want %d", got, want)
	}
}

// Sizes beyond one tile, which the table's small cases do not reach.
func TestTransposeTiles(t *testing.T) {
	const b, m, n = 3, 70, 45
	x := noise(b*m*n, 5)
	in := Input("x", b, m, n)
	got := evalOne(Transpose(in), in, x)
	compareTo(t, "transpose", got, transposed(toFloat64([][]float32{x})[0], b, m, n), 0)
}

// The maximum is subtracted first, so large numbers do no harm.
func TestSoftmaxOfLargeNumbers(t *testing.T) {
	in := Input("x", 3)
	got := evalOne(Softmax(in), in, []float32{1000, 1000, -1000})
	if got[0] != 0.5 || got[1] != 0.5 || got[2] != 0 {
		t.Errorf("softmax(1000, 1000, −1000) = %v, want 1/2, 1/2, 0", got)
	}
}
