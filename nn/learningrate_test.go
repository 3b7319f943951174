package nn

import (
	"fmt"
	"math"
	"strings"
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

// A fall leaves what is before it, and what is after it, as they were.
func TestFalls(t *testing.T) {
	s := LearningRate{Rate: 0.5, Warmup: 4, Falls: []Fall{{6, 9}, {9, 10}}}
	for n, want := range map[int]float64{0: 0.125, 5: 0.5, 6: 0.375, 7: 0.25, 8: 0.125, 9: 0.25, 10: 0.5, 1000: 0.5} {
		if got := s.At(n); got != want {
			t.Errorf("rate of step %d is %v, want %v", n, got, want)
		}
	}
	if err := s.Validate(); err != nil {
		t.Error(err)
	}
	if got := (LearningRate{Rate: 1, Falls: []Fall{{0, MaxSteps}}}).At(0); !(got > 0) {
		t.Errorf("the first rate of the longest fall is %v", got)
	}
	beyond := MaxSteps
	beyond++ // negative where an int has 32 bits
	for want, falls := range map[string][]Fall{
		"falls.0.to is 3; it must be from 4":    {{3, 3}},
		"falls.0.from is -1; it must be from 0": {{-1, 3}},
		"falls.1.from is 4; it must be from 5":  {{1, 5}, {4, 8}},
		"falls.0.to is ":                        {{1, beyond}},
	} {
		s.Falls = falls
		if err := s.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %q", falls, err, want)
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
