package spdiff

import (
	"context"
	"math"
	"testing"

	"spdiff/group"
	"spdiff/tensor"
)

// Δx₀ is exactly 0 for the methods that are equivariant, all of them, and not for the others.
func TestResidual(t *testing.T) {
	for method := range Method(len(methods)) {
		for _, g := range []group.Group{group.C4, group.D2} {
			m := train(t, tiny(g, method))
			for _, side := range []int{8, 11} {
				r, err := m.Residual(context.Background(), Degrade(pictures(6, side, side), 4), Denoising{Reversal: Reversal{Steps: 3, Classes: []int{1}}})
				if err != nil || len(r.Each) != 6 || len(r.Ties) > 0 {
					t.Fatalf("%+v, %v", r, err)
				}
				if (r.Max == 0) != method.Exact() || (r.Mean == 0) != method.Exact() {
					t.Errorf("%v %v on %d×%d: %+v", g, method, side, side, r)
				}
			}
		}
	}
}

// The definition: the mean over images of the largest difference of a pixel.
func TestResidualIsTheMeanOfMaxima(t *testing.T) {
	r := newResidual([]float32{0, 0, 3, 1, 1, 1, -1, 0, 0}, []float32{0, 0, 0, 1, 1, 1, 1, 1, 1}, 3, nil)
	if math.Abs(r.Mean-5./3) > 1e-12 || r.Max != 3 || len(r.Each) != 3 || r.Each[0] != 3 || r.Each[1] != 0 || r.Each[2] != 2 {
		t.Errorf("%+v", r)
	}
}

// The elements are drawn by the image's number: each occurs, and a batch has those of its images.
func TestResidualElements(t *testing.T) {
	seen := map[int]bool{}
	for i := range 40 {
		seen[probed.stream(0, uint64(i)).Intn(4, 0)] = true
	}
	if len(seen) != 4 {
		t.Errorf("of C4 only %v are drawn", seen)
	}
	m := train(t, tiny(group.C4, Plain))
	x := pictures(4, 8, 8)
	d := Denoising{Reversal: Reversal{Steps: 2, Classes: []int{1}}}
	all, err := m.Residual(context.Background(), x, d)
	if err != nil {
		t.Fatal(err)
	}
	d.First = 2
	one, err := m.Residual(context.Background(), tensor.From(x.At(2).Data(), 8, 8, 1), d)
	if err != nil || one.Mean != all.Each[2] {
		t.Errorf("image 2 alone: %+v (%v); among four %v", one, err, all.Each)
	}
}
