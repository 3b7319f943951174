package metrics

import (
	"errors"
	"math"
	"testing"

	"spdiff/tensor"
)

// An image is like itself, exactly; and similarity does not depend on which of the two comes first.
func TestLikeItself(t *testing.T) {
	x, y := tensor.New(2, 12, 13, 2), tensor.New(2, 12, 13, 2)
	tensor.NewStream(1, 1).Uniform(x.Data(), 0)
	tensor.NewStream(2, 1).Uniform(y.Data(), 0)
	for _, s := range []SSIM{{Span: 1}, {Span: 1, Gaussian: true}, {Span: 2, Gaussian: true, Population: true}} {
		same, err := s.Of(x, x)
		if err != nil || same[0] != 1 || same[1] != 1 {
			t.Error(same, err)
		}
		a, err := s.Of(x, y)
		b, _ := s.Of(y, x)
		if err != nil || a[0] != b[0] || !(a[0] < 0.5) {
			t.Error(a, b, err)
		}
	}
	if p, err := PSNR(x, x, 1); err != nil || !math.IsInf(p[1], 1) {
		t.Error(p, err)
	}
}

// The logarithm is the library's to two units in the last place, over all magnitudes, and exact at the powers of 10 near 1.
func TestLog10(t *testing.T) {
	for e := -300; e <= 300; e += 7 {
		for _, m := range []float64{1, 1.5, 1.9999, 3.7, 0.7071} {
			v := m * math.Pow(10, float64(e))
			if got, want := log10(v), math.Log10(v); math.Abs(got-want) > 4.5e-16*max(math.Abs(want), 0.2) {
				t.Errorf("log₁₀ %v is %v, want %v", v, got, want)
			}
		}
	}
	if log10(1) != 0 {
		t.Error(log10(1))
	}
}

func TestSimilarityRefuses(t *testing.T) {
	x, bad := tensor.New(1, 8, 8, 1), tensor.New(1, 8, 8, 1)
	bad.Data()[9] = float32(math.NaN())
	var shape *ShapeError
	for _, f := range []func() error{
		func() error { _, err := MSE(x, tensor.New(1, 8, 7, 1)); return err },
		func() error { _, err := MSE(x, nil); return err },
		func() error { _, err := PSNR(x, x, 0); return err },
		func() error { _, err := PSNR(x, x, math.NaN()); return err },
		func() error { _, err := SSIM{}.Of(x, x); return err },
		func() error { _, err := SSIM{Span: 1, Gaussian: true}.Of(x, x); return err },
		func() error { _, err := SSIM{Span: 1}.Of(tensor.New(1, 6, 8, 1), tensor.New(1, 6, 8, 1)); return err },
	} {
		if err := f(); !errors.As(err, &shape) {
			t.Error(err)
		}
	}
	var value *ValueError
	if _, err := (SSIM{Span: 1}).Of(x, bad); !errors.As(err, &value) || value.Column != 9 {
		t.Error(err)
	}
}
