package metrics

import (
	"errors"
	"math"
	"testing"

	"spdiff/tensor"
)

// The order of the vectors changes no bit, nor does the number of workers; the seed does.
func TestKernelDistanceOrder(t *testing.T) {
	defer tensor.SetWorkers(0)
	x, y := normal(30, 60, 9), normal(31, 80, 9)
	k := Kernel{Subsets: 10, Size: 20, Seed: 1}
	want, err := k.Distance(x, y)
	if err != nil {
		t.Fatal(err)
	}
	tensor.SetWorkers(1)
	got, err := k.Distance(chosen(x, tensor.NewStream(1, 1).Perm(60)), chosen(y, tensor.NewStream(2, 1).Perm(80)))
	if err != nil || got != want {
		t.Errorf("%v, in another order %v, %v", want, got, err)
	}
	k.Seed = 2
	if other, _ := k.Distance(x, y); other == want {
		t.Error("the seed chooses nothing")
	}
}

// The estimate has no bias: over many pairs of sets of one law its mean is 0 within its errors, where the plain mean of the
// kernel over all pairs would be far from it; and it tells two laws apart.
func TestKernelDistanceUnbiased(t *testing.T) {
	var values []float64
	for s := range uint64(400) {
		x, y := tensor.New(12, 3), tensor.New(12, 3)
		tensor.NewStream(s, 1).Normal(x.Data(), 0)
		tensor.NewStream(s, 2).Normal(y.Data(), 0)
		d, err := Kernel{Subsets: 1, Seed: s}.Distance(x, y)
		if err != nil {
			t.Fatal(err)
		}
		values = append(values, d.Mean)
	}
	mean, deviation := meanDeviation(values)
	if e := deviation / 20; math.Abs(mean) > 4*e || e > 0.1 {
		t.Errorf("the mean is %v ± %v; it should be 0", mean, e)
	}
	d, err := Kernel{}.Distance(normal(1, 300, 4), chosen(normal(1, 301, 4), make([]int, 300)))
	if err != nil || d.Mean < 10*d.Error || d.Error != d.Deviation/10 {
		t.Errorf("different laws: %+v, %v", d, err)
	}
}

func TestKernelDistanceRefuses(t *testing.T) {
	x, bad := normal(1, 10, 3), normal(1, 10, 3)
	bad.Data()[4] = float32(math.NaN())
	var value *ValueError
	if _, err := (Kernel{}).Distance(x, bad); !errors.As(err, &value) || value.Row != 1 || value.Column != 1 {
		t.Error(err)
	}
	for _, c := range []struct {
		k Kernel
		y *tensor.Tensor
	}{{Kernel{}, normal(1, 10, 4)}, {Kernel{Size: 11}, x}, {Kernel{Size: 1}, x}, {Kernel{Subsets: -1}, x}, {Kernel{}, normal(1, 1, 3)}, {Kernel{}, nil}} {
		var shape *ShapeError
		if _, err := c.k.Distance(x, c.y); !errors.As(err, &shape) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func BenchmarkKernelDistance64(b *testing.B) {
	x, y := normal(1, 5000, 64), normal(2, 5000, 64)
	for b.Loop() {
		if _, err := (Kernel{Subsets: 10}).Distance(x, y); err != nil {
			b.Fatal(err)
		}
	}
}
