package metrics

import (
	"errors"
	"math"
	"slices"
	"testing"

	"spdiff/tensor"
)

// plainNearest sorts all distances of all copies.
func plainNearest(query, set *tensor.Tensor, k int, o Orbit) (all [][]Neighbour) {
	dim := query.Shape()[1]
	for i := range query.Shape()[0] {
		var row []Neighbour
		for j := range set.Shape()[0] {
			best := Neighbour{j, 0, math.Inf(1)}
			for a, x := range o.copies(query.Data()[i*dim : (i+1)*dim]) {
				sum := 0.0
				for c, v := range x {
					d := float64(v) - float64(set.Data()[j*dim+c])
					sum += d * d
				}
				if d := math.Sqrt(sum); d < best.Distance-1e-9 {
					best = Neighbour{j, a, d}
				}
			}
			row = append(row, best)
		}
		slices.SortStableFunc(row, func(a, b Neighbour) int {
			if math.Abs(a.Distance-b.Distance) < 1e-9 {
				return 0
			}
			return int(math.Copysign(1, a.Distance-b.Distance))
		})
		all = append(all, row[:k])
	}
	return all
}

// Neighbours are those of a search through everything, in long vectors that are given up early too, over an orbit and without;
// of two rows that are equal the first comes first.
func TestNearest(t *testing.T) {
	reverse := Orbit{2, func(z, x []float32, a int) {
		copy(z, x)
		slices.Reverse(z)
	}}
	for _, dim := range []int{1, 5, 203} {
		set, query := normal(40, 50, dim), normal(41, 20, dim)
		copy(set.Data()[7*dim:8*dim], set.Data()[3*dim:4*dim])
		copy(query.Data()[:dim], set.Data()[3*dim:4*dim])
		for _, o := range []Orbit{{}, reverse} {
			got, err := Nearest(query, set, 4, o)
			if err != nil {
				t.Fatal(err)
			}
			for i, row := range plainNearest(query, set, 4, o) {
				for j, w := range row {
					if v := got[i][j]; v.Index != w.Index || v.Element != w.Element || !near(v.Distance, w.Distance, 1e-12) {
						t.Errorf("%d numbers, query %d, neighbour %d over %d: %+v, want %+v", dim, i, j, o.Order, v, w)
					}
				}
			}
			if got[0][0] != (Neighbour{3, 0, 0}) || got[0][1] != (Neighbour{7, 0, 0}) {
				t.Errorf("a row that is there twice: %v", got[0])
			}
		}
	}
}

func TestNearestRefuses(t *testing.T) {
	x := normal(1, 5, 3)
	var shape *ShapeError
	for _, f := range []func() error{
		func() error { _, err := Nearest(x, normal(1, 5, 4), 1, Orbit{}); return err },
		func() error { _, err := Nearest(x, x, 6, Orbit{}); return err },
		func() error { _, err := Nearest(x, x, 0, Orbit{}); return err },
		func() error { _, err := Nearest(x, x, 1, Orbit{Order: 2}); return err },
		func() error { _, err := PrecisionRecall(x, normal(1, 3, 3), 3); return err },
		func() error { _, err := PrecisionRecall(x, normal(1, 5, 4), 3); return err },
		func() error { _, err := PrecisionRecall(x, x, -1); return err },
	} {
		if err := f(); !errors.As(err, &shape) {
			t.Error(err)
		}
	}
	x.Data()[0] = float32(math.Inf(1))
	var value *ValueError
	if _, err := Nearest(normal(1, 5, 3), x, 1, Orbit{}); !errors.As(err, &value) {
		t.Error(err)
	}
	if _, err := PrecisionRecall(normal(1, 5, 3), x, 3); !errors.As(err, &value) {
		t.Error(err)
	}
}

// A set covers itself; sets far apart cover nothing of each other; half of a set is precise and recalls about a half; order
// changes nothing. Swapping the sets swaps the two shares.
func TestPrecisionRecall(t *testing.T) {
	x := normal(42, 100, 6)
	far := x.Clone()
	for i := range far.Data() {
		far.Data()[i] += 1000
	}
	for _, c := range []struct {
		y    *tensor.Tensor
		want Manifold
	}{{x, Manifold{1, 1}}, {far, Manifold{0, 0}}} {
		if m, err := PrecisionRecall(x, c.y, 0); err != nil || m != c.want {
			t.Errorf("%v, %v; want %v", m, err, c.want)
		}
	}
	few := chosen(x, []int{1, 2, 3, 5, 8, 13, 21, 34, 55, 89})
	m, err := PrecisionRecall(x, few, 3)
	if err != nil || m.Precision != 1 || m.Recall <= 0.1 || m.Recall == 1 {
		t.Error(m, err)
	}
	s, _ := PrecisionRecall(few, chosen(x, tensor.NewStream(3, 3).Perm(100)), 3)
	if s.Precision != m.Recall || s.Recall != m.Precision {
		t.Error(s, m)
	}
}

func BenchmarkPrecisionRecall64(b *testing.B) {
	x, y := normal(1, 10000, 64), normal(2, 10000, 64)
	for b.Loop() {
		if _, err := PrecisionRecall(x, y, 0); err != nil {
			b.Fatal(err)
		}
	}
}
