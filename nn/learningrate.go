package nn

import (
	"fmt"
	"math"
)

// A LearningRate is a learning rate over time: a linear rise, then a constant or a cosine,
//
//	rate(n) = Rate · (n+1)/Warmup                                     n < Warmup
//	rate(n) = Rate · (Floor + (1−Floor)·(1 + cos πs)/2)               s = (n−Warmup)/(Total−Warmup), at most 1
//
// with steps n = 0, 1, … (Loshchilov and Hutter, SGDR, eq. 5, one cycle).
type LearningRate struct {
	Rate   float64 `json:"rate"`   // the highest learning rate
	Warmup int     `json:"warmup"` // steps of the rise; 0: none
	Total  int     `json:"total"`  // the step at which the cosine reaches its floor; 0: the rate stays constant
	Floor  float64 `json:"floor"`  // the last rate as a share of Rate
}

// At returns the learning rate of step n = 0, 1, …
func (s LearningRate) At(n int) float64 {
	switch {
	case n < s.Warmup:
		return s.Rate * float64(n+1) / float64(s.Warmup)
	case s.Total == 0:
		return s.Rate
	case n >= s.Total:
		return s.Rate * s.Floor
	}
	done := float64(n-s.Warmup) / float64(s.Total-s.Warmup)
	return s.Rate * (s.Floor + (1-s.Floor)*(1+math.Cos(math.Pi*done))/2)
}

// Validate returns an error that names the first setting that makes no sense.
func (s LearningRate) Validate() error {
	switch {
	case !(s.Rate > 0) || math.IsInf(s.Rate, 1):
		return fmt.Errorf("schedule: rate %v: a learning rate is positive and finite", s.Rate)
	case s.Warmup < 0:
		return fmt.Errorf("schedule: warmup of %d steps: 0 means none", s.Warmup)
	case s.Total != 0 && s.Total <= s.Warmup:
		return fmt.Errorf("schedule: a total of %d steps with a warmup of %d: give more steps, less warmup, or 0 for a constant rate", s.Total, s.Warmup)
	case !(s.Floor >= 0 && s.Floor <= 1):
		return fmt.Errorf("schedule: floor %v: a share of the rate is between 0 and 1", s.Floor)
	}
	return nil
}
