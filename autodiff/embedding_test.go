package autodiff

import (
	"errors"
	"testing"

	"spdiff/tensor"
)

func init() {
	addCases(
		opCase{
			name: "embedding", covers: []string{"embedding.grad"},
			args:  []arg{{shape: tensor.Shape{4}, data: []float32{2, 0, 2, 1}, fixed: true}, {shape: tensor.Shape{3, 5}}},
			build: func(x []*Node) *Node { return Embedding(x[0], x[1]) },
			want: func(x [][]float64) (z []float64) {
				for _, k := range []int{2, 0, 2, 1} {
					z = append(z, x[1][5*k:5*k+5]...)
				}
				return z
			},
		},
	)
}

func TestEmbeddingOfNoIndex(t *testing.T) {
	index := Input("y", 3)
	w := Compile(Embedding(index, Zeros(5, 2))).NewWorkspace()
	w.Prepare()
	for _, bad := range []float32{-1, 5, 1.5, nan, 1e30, -1e30} {
		func() {
			defer func() {
				err, _ := recover().(error)
				var got *IndexError
				if !errors.As(err, &got) || got.Image != 1 || got.Rows != 5 {
					t.Errorf("index %v: panic with %v, want an *IndexError of image 1", bad, err)
				}
			}()
			w.Input(index)[1] = bad
			w.Run()
		}()
	}
	err := &IndexError{Op: "embedding", Image: 1, Index: 1.5, Rows: 5}
	if got, want := err.Error(), "autodiff: embedding: image 1 has the index 1.5; there are 0 to 4"; got != want {
		t.Errorf("message\n  %s, want\n  %s", got, want)
	}
}

func TestEmbeddingErrors(t *testing.T) {
	y, table := Input("y", 3), Input("table", 5, 2)
	wantShapeError(t, func() { Embedding(Input("y", 3, 1), table) }, "autodiff: embedding of 3×1 and 5×2: the shapes must be (N) and (K, D)")
	wantShapeError(t, func() { Embedding(y, y) }, "autodiff: embedding of 3 and 3: the shapes must be (N) and (K, D)")
}
