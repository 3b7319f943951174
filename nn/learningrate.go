package nn

import (
	"cmp"
	"fmt"
	"slices"

	"spdiff/tensor/elementary"
)

// A LearningRate is a learning rate over time: a linear rise, then a constant or a cosine,
//
//	rate(n) = Rate · (n+1)/Warmup                                     n < Warmup
//	rate(n) = Rate · (Floor + (1−Floor)·(1 + cos πs)/2)               s = (n−Warmup)/(Total−Warmup), at most 1
//
// with steps n = 0, 1, … (Loshchilov and Hutter, SGDR, eq. 5, one cycle), times the factor of the [Fall] that step n is in, if any.
type LearningRate struct {
	Rate   float64 `json:"rate"`            // the highest learning rate
	Warmup int     `json:"warmup"`          // steps of the rise; 0: none
	Total  int     `json:"total"`           // the step at which the cosine reaches its floor; 0: the rate stays constant
	Floor  float64 `json:"floor"`           // the last rate as a share of Rate
	Falls  []Fall  `json:"falls,omitempty"` // ascending, apart
}

// Clone returns a copy that shares no memory with s.
func (s LearningRate) Clone() LearningRate {
	s.Falls = slices.Clone(s.Falls)
	return s
}

// A Fall is a stretch of steps n = From, …, To−1 in which the learning rate falls along a line: step n is made with
// (To−n)/(To−From+1) of the rate; the step after it has the whole rate again. Steps before a Fall do not depend on it, so that a
// training can end in a Fall that was not planned at its beginning, and go on (Hu et al. 2024, MiniCPM, section 4; a cosine needs the
// length first).
type Fall struct {
	From int `json:"from"`
	To   int `json:"to"`
}

// has reports whether step n is in the fall.
func (f Fall) has(n int) bool { return f.From <= n && n < f.To }

// At returns the learning rate of step n = 0, 1, … It has the same bits on every machine.
func (s LearningRate) At(n int) float64 {
	for _, f := range s.Falls {
		if f.has(n) {
			return s.steady(n) * (float64(f.To-n) / (float64(f.To-f.From) + 1))
		}
	}
	return s.steady(n)
}

// steady returns the learning rate of step n without falls.
func (s LearningRate) steady(n int) float64 {
	switch {
	case n < s.Warmup:
		return s.Rate * float64(n+1) / float64(s.Warmup)
	case s.Total == 0:
		return s.Rate
	case n >= s.Total:
		return s.Rate * s.Floor
	}
	done := float64(n-s.Warmup) / float64(s.Total-s.Warmup)
	return s.Rate * (s.Floor + float64((1-s.Floor)*(1+elementary.CosPi(done))/2))
}

// Validate returns a *ConfigError that names the first setting with which training would be lost, and one that works.
func (s LearningRate) Validate() error {
	if s.Total != 0 && s.Total <= s.Warmup && s.Warmup < MaxSteps {
		return &ConfigError{"learning rate", "total", s.Total, max(s.Warmup, 0) + 1,
			fmt.Sprintf("the cosine falls after the %d steps of warmup, and 0 keeps the rate constant", s.Warmup)}
	}
	return cmp.Or(
		inRange("learning rate", "rate", s.Rate, 1e-12, 1),
		inRange("learning rate", "warmup", s.Warmup, 0, MaxSteps-1),
		inRange("learning rate", "total", s.Total, 0, MaxSteps),
		inRange("learning rate", "floor", s.Floor, 0, 1),
		s.checkFalls())
}

// checkFalls checks that the falls are ascending and apart.
func (s LearningRate) checkFalls() error {
	least := 0
	for i, f := range s.Falls {
		if err := inRange("learning rate", fmt.Sprintf("falls.%d.from", i), f.From, least, MaxSteps-1); err != nil {
			return err
		}
		if err := inRange("learning rate", fmt.Sprintf("falls.%d.to", i), f.To, f.From+1, MaxSteps); err != nil {
			return err
		}
		least = f.To
	}
	return nil
}
