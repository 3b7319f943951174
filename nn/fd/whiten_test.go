package fd

import (
	"context"
	"math"
	"testing"

	"spdiff/autodiff"
	"spdiff/nn"
)

// What is whitened has mean 0 and covariance 1, but for the ridge, whatever the sizes and the correlations of the features were.
func TestWhiten(t *testing.T) {
	const n, dim = 400, 4
	x := autodiff.Input("images", 8, 2, 2, 1)
	f := autodiff.Reshape(x, 8, dim)
	mixed := nn.NewLinear("mixed", dim, dim)
	copy(mixed.Weight.Value.Data(), []float32{20, 10, 5, 0, 0, 10, 5, 0, 0, 0, 20, 10, 0, 0, 0, 15})
	f = mixed.Apply(autodiff.Mul(f, f), nil)
	to := nn.NewLinear("whiten", dim, dim)
	if err := whiten(context.Background(), some{n, 2, 1, 2, 0}, x, f, to); err != nil {
		t.Fatal(err)
	}
	white := to.Apply(f, nil)
	w := autodiff.Compile(white).NewWorkspace()
	w.Prepare()
	var sum [dim]float64
	var products [dim][dim]float64
	for from := 0; from < n; from += 8 {
		for i := range 8 {
			some{n, 2, 1, 2, 0}.Image(w.Input(x)[i*dim:(i+1)*dim], from+i)
		}
		w.Run()
		z := w.Output(white)
		for i := range 8 {
			for a, v := range z[i*dim : (i+1)*dim] {
				sum[a] += float64(v) / n
				for b, u := range z[i*dim : (i+1)*dim] {
					products[a][b] += float64(v) * float64(u) / n
				}
			}
		}
	}
	for a := range dim {
		for b := range dim {
			want := 0.0
			if a == b {
				want = 1
			}
			if math.Abs(sum[a]) > 1e-2 || math.Abs(products[a][b]-want) > 0.05 {
				t.Errorf("mean %v of feature %d, covariance %v with %d", sum[a], a, products[a][b], b)
			}
		}
	}
	if err := whiten(context.Background(), some{n, 2, 1, 2, 7}, x, f, to); err == nil {
		t.Error("an image that cannot be read is left out")
	}
}
