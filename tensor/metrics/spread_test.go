package metrics

import (
	"cmp"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
)

func TestOverSeeds(t *testing.T) {
	s, err := OverSeeds([]float64{3, 1, 2})
	if err != nil || s.Mean != 2 || s.Deviation != 1 || s.Lowest != 1 || !slices.Equal(s.All, []float64{3, 1, 2}) {
		t.Error(s, err)
	}
	if s, err := OverSeeds([]float64{5}); err != nil || s.Deviation != 0 || s.Mean != 5 {
		t.Error(s, err)
	}
	var shape *ShapeError
	if _, err := OverSeeds(nil); !errors.As(err, &shape) {
		t.Error(err)
	}
	var value *ValueError
	if _, err := OverSeeds([]float64{1, math.NaN()}); !errors.As(err, &value) {
		t.Error(err)
	}
}

// The jackknife of a mean has no bias and the usual standard error; that of a variance by n is corrected to the one by n−1.
func TestJackknife(t *testing.T) {
	values := []float64{1, 4, 9, 16, 25}
	mean, deviation := meanDeviation(values)
	variance := func(v []float64) float64 {
		_, d := meanDeviation(v)
		return d * d * float64(len(v)-1) / float64(len(v))
	}
	var means, variances []float64
	for i := range values {
		rest := slices.Concat(values[:i], values[i+1:])
		m, _ := meanDeviation(rest)
		means, variances = append(means, m), append(variances, variance(rest))
	}
	j, err := JackknifeOf(mean, means)
	if err != nil || !near(j.Corrected, mean, 1e-12) || !near(j.Error, deviation/math.Sqrt(5), 1e-12) {
		t.Errorf("%+v, %v", j, err)
	}
	if j, err = JackknifeOf(variance(values), variances); err != nil || !near(j.Corrected, deviation*deviation, 1e-12) {
		t.Errorf("%+v, %v; want %v", j, err, deviation*deviation)
	}
	if _, err := JackknifeOf(1, []float64{1}); err == nil {
		t.Error("one part is left out of one")
	}
}

// Each set is left out in turn.
func TestJackknifeSets(t *testing.T) {
	x := normal(50, 90, 2)
	var sets []*Moments
	for p := range 3 {
		sets = append(sets, momentsOf(t, chosen(x, []int{p, p + 3, p + 6, p + 9}), 2))
	}
	variance := func(s *Statistics) (float64, error) { return s.Covariance[0], nil }
	whole, err1 := Pool(sets...)
	m, err2 := Pool(sets[0], sets[2])
	if err := cmp.Or(err1, err2); err != nil {
		t.Fatal(err)
	}
	j, err := JackknifeSets(statisticsOf(t, whole).Covariance[0], sets, variance)
	if err != nil {
		t.Fatal(err)
	}
	if want := statisticsOf(t, m).Covariance[0]; j.Without[1] != want || len(j.Without) != 3 {
		t.Errorf("%+v, want %v without the second", j, want)
	}
	if _, err := JackknifeSets(1, []*Moments{sets[0], NewMoments("other", 2, 0, 0, 1)}, variance); err == nil {
		t.Error("other features are pooled")
	}
	var shape *ShapeError
	if _, err := JackknifeSets(1, sets[:1], variance); !errors.As(err, &shape) || !strings.Contains(shape.Reason, "1 sets; 2 at least") {
		t.Errorf("one set: %v", err)
	}
}

// The intervals are those of scipy's binomtest(k, n).proportion_ci(method='wilson').
func TestProportions(t *testing.T) {
	all, err := Proportions([]int64{2, 8, 0})
	if err != nil {
		t.Fatal(err)
	}
	for c, want := range [][3]float64{{0.2, 0.05668215, 0.5098375}, {0.8, 0.4901625, 0.9433178}, {0, 0, 0.2775328}} {
		if p := all[c]; p.Of != 10 || p.Share != want[0] || math.Abs(p.Low-want[1]) > 1e-7 || math.Abs(p.High-want[2]) > 1e-7 {
			t.Errorf("class %d: %+v, want %v", c, p, want)
		}
	}
	for _, counts := range [][]int64{{}, {0, 0}, {2, -1}} {
		var e *ShapeError
		if _, err := Proportions(counts); !errors.As(err, &e) {
			t.Errorf("%v: %v", counts, err)
		}
	}
}
