package nn

import (
	"fmt"
	"math"
	"testing"
)

func TestSchedule(t *testing.T) {
	s := LearningRate{Rate: 0.5, Warmup: 4, Total: 14, Floor: 0.2}
	for n, want := range map[int]float64{0: 0.125, 1: 0.25, 3: 0.5, 4: 0.5, 9: 0.3, 14: 0.1, 15: 0.1, math.MaxInt32: 0.1} {
		if got := s.At(n); math.Abs(got-want) > 1e-15 {
			t.Errorf("rate of step %d is %v, want %v", n, got, want)
		}
	}
	for n := 4; n < 14; n++ {
		if !(s.At(n+1) < s.At(n)) {
			t.Errorf("the cosine does not fall from step %d to the next", n)
		}
	}
	if got := (LearningRate{Rate: 0.5}).At(math.MaxInt32); got != 0.5 {
		t.Errorf("a constant rate of 0.5 became %v", got)
	}
}

func TestScheduleValidate(t *testing.T) {
	for _, s := range []LearningRate{{Rate: 1e-4}, {Rate: 1e-4, Warmup: 10}, {Rate: 1e-4, Warmup: 10, Total: 11, Floor: 1}} {
		if err := s.Validate(); err != nil {
			t.Errorf("%+v: %v", s, err)
		}
	}
}

func ExampleLearningRate() {
	s := LearningRate{Rate: 1, Warmup: 2, Total: 6}
	for n := range 7 {
		fmt.Printf("%.2f ", s.At(n))
	}
	// Output: 0.50 1.00 1.00 0.85 0.50 0.15 0.00
}
