package metrics

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

// The quantiles are those of gonum's Student's t, and fall to the normal law's.
func TestStudent(t *testing.T) {
	before := math.Inf(1)
	for n := 1; n < 3000; n++ {
		got, want := student95(n), distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(n)}.Quantile(0.975)
		if math.Abs(got-want) > 3e-4 || got >= before {
			t.Fatalf("of %d degrees of freedom: %v, want %v, and less than %v", n, got, want, before)
		}
		before = got
	}
	if j, err := JackknifeOf(2, []float64{1, 2, 3}); err != nil || math.Abs(j.Reach()-4.3027*j.Error) > 1e-4*j.Error {
		t.Errorf("of three parts 95 %% reach %v, of a standard error of %v; %v", j.Reach(), j.Error, err)
	}
}
