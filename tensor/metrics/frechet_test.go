package metrics

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"spdiff/tensor"
	"spdiff/tensor/npy"

	"gonum.org/v1/gonum/mat"
)

func distance(t testing.TB, a, b *Statistics) float64 {
	t.Helper()
	f, err := Distance(a, b)
	if err != nil {
		t.Fatal(err)
	}
	return f.Distance
}

// A set is at exactly 0 from itself in another order and other batches, of full rank or not; and not from one of which a single
// number differs.
func TestEqualSetsAreAtZero(t *testing.T) {
	for _, n := range []int{3, 20, 300} {
		x := normal(4, n, 20)
		a := statisticsOf(t, momentsOf(t, x, n))
		b := statisticsOf(t, momentsOf(t, chosen(x, tensor.NewStream(1, 1).Perm(n)), 7))
		if d := distance(t, a, b); d != 0 {
			t.Errorf("%d images are %v from themselves", n, d)
		}
		x.Data()[5]++
		if d := distance(t, a, statisticsOf(t, momentsOf(t, x, n))); d == 0 {
			t.Errorf("%d images are 0 from others", n)
		}
	}
}

// The distance is symmetric to the bit, and that of two normal laws in closed form where their covariances are diagonal.
func TestClosedForm(t *testing.T) {
	a := &Statistics{Mean: []float64{1, 2, 3}, Covariance: []float64{4, 0, 0, 0, 9, 0, 0, 0, 0}}
	b := &Statistics{Mean: []float64{1, 0, 3}, Covariance: []float64{1, 0, 0, 0, 25, 0, 0, 0, 16}}
	if d := distance(t, a, b); d != 4+1+4+16 || d != distance(t, b, a) {
		t.Errorf("%v and %v, want 25", d, distance(t, b, a))
	}
	x, y := statisticsOf(t, momentsOf(t, normal(5, 90, 31), 90)), statisticsOf(t, momentsOf(t, normal(6, 70, 31), 70))
	if d, e := distance(t, x, y), distance(t, y, x); d != e || d == 0 {
		t.Errorf("%v one way and %v the other", d, e)
	}
}

// Before it is rounded the distance is symmetric to the bit, and exactly 0 of equal statistics, too: rounding hides nothing here.
func TestUnrounded(t *testing.T) {
	x, y := statisticsOf(t, momentsOf(t, normal(5, 90, 31), 90)), statisticsOf(t, momentsOf(t, normal(6, 70, 31), 70))
	b, err := distances([]*Statistics{x, y, x})
	if err != nil {
		t.Fatal(err)
	}
	one, _, err := b.unrounded(0, 1)
	other, _, _ := b.unrounded(1, 0)
	if err != nil || math.Float64bits(one) != math.Float64bits(other) {
		t.Errorf("%v one way and %v the other, %v", one, other, err)
	}
	if d, _, err := b.unrounded(0, 2); d != 0 || err != nil {
		t.Errorf("equal statistics are %v apart, %v", d, err)
	}
}

// throughEigenvalues is the distance by eigenvalues: tr(Σ₁^½Σ₂Σ₁^½)^½, both roots by EigenSym.
func throughEigenvalues(a, b *Statistics) float64 {
	d := len(a.Mean)
	var e mat.EigenSym
	e.Factorize(mat.NewSymDense(d, slices.Clone(a.Covariance)), true)
	var v, half, m mat.Dense
	e.VectorsTo(&v)
	half.Apply(func(_, j int, x float64) float64 { return x * math.Sqrt(max(e.Values(nil)[j], 0)) }, &v)
	m.Product(half.T(), mat.NewSymDense(d, slices.Clone(b.Covariance)), &half)
	e.Factorize(mat.NewSymDense(d, m.RawMatrix().Data), false)
	z := a.trace() + b.trace()
	for i, x := range e.Values(nil) {
		z += (a.Mean[i]-b.Mean[i])*(a.Mean[i]-b.Mean[i]) - 2*math.Sqrt(max(x, 0))
	}
	return z
}

// The sum of singular values is the trace of the symmetric form's root: to 1e-9 where both have full rank, and to the error of
// the eigenvalues' roots where they have not.
func TestAgainstEigenvalues(t *testing.T) {
	for _, c := range []struct {
		n, dim int
		share  float64
	}{{400, 10, 1e-9}, {1000, 90, 1e-9}, {30, 60, 1e-6}, {2, 8, 1e-6}} {
		a := statisticsOf(t, momentsOf(t, normal(7, c.n, c.dim), c.n))
		b := statisticsOf(t, momentsOf(t, normal(8, c.n+5, c.dim), c.n))
		scale := a.trace() + b.trace()
		if d, want := distance(t, a, b), throughEigenvalues(a, b); math.Abs(d-want) > c.share*scale {
			t.Errorf("%d images of %d features: %v, by eigenvalues %v", c.n, c.dim, d, want)
		}
	}
}

// Sets of few images are measured, with a warning of both numbers.
func TestDeficient(t *testing.T) {
	few, many := momentsOf(t, normal(9, 12, 30), 12), momentsOf(t, normal(10, 200, 30), 200)
	f, err := Distance(statisticsOf(t, few), statisticsOf(t, many))
	if err != nil || len(f.Deficient) != 1 {
		t.Fatal(f, err)
	}
	w := f.Deficient[0]
	if w.Images != 12 || w.Features != 30 || w.Rank != 11 || !strings.Contains(w.Error(), "12 images by 30 features test has rank 11 of 30") {
		t.Error(w)
	}
	if w := (&DeficientError{"f", 99, 30, 29}).Error(); !strings.Contains(w, "some features are constant") {
		t.Error(w)
	}
	constant := &Statistics{Mean: make([]float64, 2), Covariance: make([]float64, 4)}
	if f, err := Distance(constant, &Statistics{Mean: []float64{3, 4}, Covariance: make([]float64, 4)}); err != nil || f.Distance != 25 || len(f.Deficient) != 2 {
		t.Error(f, err)
	}
}

// What cannot be measured is refused before anything is.
func TestDistanceRefuses(t *testing.T) {
	good := &Statistics{Feature: "a", Mean: []float64{1, 2}, Covariance: []float64{1, 0, 0, 1}}
	for what, s := range map[string]*Statistics{
		"another length":     {Mean: []float64{1}, Covariance: []float64{1}},
		"another feature":    {Feature: "b", Mean: []float64{1, 2}, Covariance: []float64{1, 0, 0, 1}},
		"no square":          {Mean: []float64{1, 2}, Covariance: []float64{1, 0, 0}},
		"not symmetric":      {Mean: []float64{1, 2}, Covariance: []float64{1, 0.5, 0, 1}},
		"negative variances": {Mean: []float64{1, 2}, Covariance: []float64{1, 0, 0, -1}},
		"nothing":            {},
	} {
		var e *ShapeError
		if _, err := Distance(good, s); !errors.As(err, &e) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for _, v := range []float64{math.NaN(), math.Inf(1)} {
		for what, s := range map[string]*Statistics{
			"mean":       {Mean: []float64{1, v}, Covariance: []float64{1, 0, 0, 1}},
			"covariance": {Mean: []float64{1, 2}, Covariance: []float64{1, v, 0, 1}},
		} {
			var e *ValueError
			if _, err := Distance(good, s); !errors.As(err, &e) || !strings.Contains(e.Error(), what+": number 1 of row 0 is") {
				t.Errorf("%s with %v: %v", what, v, err)
			}
		}
	}
}

// The statistics of a file are those that were saved, to the bit, with name and number.
func TestStatisticsFile(t *testing.T) {
	want := statisticsOf(t, momentsOf(t, normal(11, 50, 9), 50))
	path := filepath.Join(t.TempDir(), "statistics.npz")
	if err := want.Save(path); err != nil {
		t.Fatal(err)
	}
	got, err := LoadStatistics(path)
	if err != nil || !sameBits(want, got) || got.Feature != "test" || got.Images != 50 {
		t.Error(got, err)
	}
	bad := &Statistics{Mean: []float64{math.NaN()}, Covariance: []float64{1}}
	if err := bad.Save(path); err == nil {
		t.Error("a NaN is saved")
	}
	if again, err := LoadStatistics(path); err != nil || !sameBits(want, again) {
		t.Error("what was there is lost", err)
	}
	os.WriteFile(path, []byte("PK"), 0o644)
	if _, err := LoadStatistics(path); err == nil || !strings.Contains(err.Error(), path) {
		t.Error(err)
	}
}

// A number of images that is none is said so, and an array of another type too.
func TestStatisticsOfNoNumber(t *testing.T) {
	path := filepath.Join(t.TempDir(), "statistics.npz")
	for want, images := range map[string]npy.Member{
		"images is no number of images: [-3]": npy.Exact[int64]{Shape: tensor.Shape{1}, Data: []int64{-3}},
		`array "images": `:                    npy.Exact[uint8]{Shape: tensor.Shape{1}, Data: []byte{3}},
	} {
		one := npy.Exact[float64]{Shape: tensor.Shape{1}, Data: []float64{1}}
		square := npy.Exact[float64]{Shape: tensor.Shape{1, 1}, Data: []float64{1}}
		if err := npy.WriteExact(path, map[string]npy.Member{"mu": one, "sigma": square, "images": images}); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadStatistics(path); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "nil") {
			t.Errorf("%v; want an error with %q, and no nil", err, want)
		}
	}
}

// Arrays of a file that is saved have the bytes that numpy writes, so that pytorch-fid reads them.
func TestStatisticsFileIsNumpys(t *testing.T) {
	s, err := LoadStatistics("testdata/pytorch_fid.npz")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "statistics.npz")
	if err := s.Save(path); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"mu.npy", "sigma.npy"} {
		want := memberBytes(t, "testdata/pytorch_fid.npz", name)
		if got := memberBytes(t, path, name); len(want) == 0 || !bytes.Equal(want, got) {
			t.Errorf("%s differs from numpy's:\n%.128q\n%.128q", name, got, want)
		}
	}
}

func memberBytes(t *testing.T, path, name string) []byte {
	t.Helper()
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	f, err := z.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Copies of a set that is its own orbit are at 0 from each other; one that is not is as far as its furthest pair.
func TestInverseDistance(t *testing.T) {
	x := normal(12, 40, 4)
	swap := func(x *tensor.Tensor) *tensor.Tensor { // of the first two features
		y := x.Clone()
		for i := 0; i < y.Len(); i += 4 {
			y.Data()[i], y.Data()[i+1] = y.Data()[i+1], y.Data()[i]
		}
		return y
	}
	once, other := momentsOf(t, x, 40), momentsOf(t, swap(x), 40)
	orbit, err := Pool(once, other)
	if err != nil {
		t.Fatal(err)
	}
	turned, err := Pool(other, once)
	if err != nil {
		t.Fatal(err)
	}
	z, err := InverseDistance(t.Context(), []*Statistics{statisticsOf(t, orbit), statisticsOf(t, turned)})
	if err != nil || z.Largest != 0 || orbit.Images() != 80 {
		t.Errorf("an orbit is %v from itself, %v", z.Largest, err)
	}
	all := []*Statistics{statisticsOf(t, orbit), statisticsOf(t, once), statisticsOf(t, other)}
	z, err = InverseDistance(t.Context(), all)
	if want := distance(t, all[1], all[2]); err != nil || z.Largest != want || z.I != 1 || z.J != 2 || z.Pairs[2][1] != want || want == 0 {
		t.Errorf("%+v, %v; want %v", z, err, want)
	}
	if s, err := ReferenceSpread(t.Context(), all[1], all); err != nil || s != z.Largest {
		t.Error(s, err)
	}
	if _, err := InverseDistance(t.Context(), all[:1]); err == nil {
		t.Error("one set has pairs")
	}
}

func BenchmarkDistance(b *testing.B) {
	for _, dim := range []int{64, 256, 1024, 2048} {
		b.Run(fmt.Sprint(dim), func(b *testing.B) {
			x, y := statisticsOf(b, momentsOf(b, normal(1, dim+100, dim), 4096)), statisticsOf(b, momentsOf(b, normal(2, dim+100, dim), 4096))
			for b.Loop() {
				distance(b, x, y)
			}
		})
	}
}
