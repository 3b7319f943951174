package main

import (
	"fmt"
	"math"
	"strconv"
)

// A span is a mean over seeds, with the lowest and the highest.
type span struct {
	n               int
	mean, low, high float64
}

// over returns the span of a number of some records, of those that have it.
func over(some []record, number func(record) *float64) (s span) {
	sum := 0.0
	for _, r := range some {
		v := number(r)
		if v == nil || r.Failed != "" {
			continue
		}
		if s.n++; s.n == 1 {
			s.low, s.high = *v, *v
		}
		s.low, s.high, sum = min(s.low, *v), max(s.high, *v), sum+*v
	}
	if s.n > 0 {
		s.mean = sum / float64(s.n)
	}
	return s
}

// distances is the span of the distances, from the lowest end of the intervals that the samples of each seed give to the highest: seeds
// that happen to agree do not make it narrower.
func distances(some []record) span {
	s := over(some, fd)
	for _, r := range some {
		if _, low, high := interval(r); low != nil {
			s.low, s.high = min(s.low, *low), max(s.high, *high)
		}
	}
	return s
}

// String returns "14.6 (14.1–15.1)", the mean alone where all are alike, and a dash where there is nothing.
func (s span) String() string {
	switch {
	case s.n == 0:
		return "–"
	case three(s.low) == three(s.high):
		return three(s.mean)
	}
	return fmt.Sprintf("%s (%s–%s)", three(s.mean), three(s.low), three(s.high))
}

// three returns a number to three digits, with an exponent where it is small alone.
func three(v float64) string {
	decimals := 2
	switch {
	case v == math.Trunc(v):
		decimals = 0
	case math.Abs(v) < 1e-3:
		return strconv.FormatFloat(v, 'g', 3, 64)
	case math.Abs(v) < 1:
		decimals = 4
	}
	for limit := 10.0; decimals > 0 && math.Abs(v) >= limit; limit *= 10 {
		decimals--
	}
	return strconv.FormatFloat(v, 'f', decimals, 64)
}

// figure returns a figure of the paper, empty if there is none.
func figure(v float64) string {
	if v == none {
		return ""
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// The numbers of a record, nil where it has none.
func fd(r record) *float64          { v, _, _ := interval(r); return v }
func inverse(r record) *float64     { return r.Quality.InvFD }
func deltax(r record) *float64      { return r.Deltax }
func stepsOf(r record) *float64     { return positive(float64(r.Training.Steps)) }
func drawingRate(r record) *float64 { return perSecond(float64(r.Quality.N), r.Drawing) }
func trainingRate(r record) *float64 {
	t := r.Training
	return perSecond(float64(t.Steps)*float64(t.Batch), t.Seconds)
}

// interval returns a record's distance and the ends of its interval, nil where it has none.
func interval(r record) (fd, low, high *float64) {
	if d := r.Quality.Frechet; d != nil && r.Failed == "" {
		return &d.FD, &d.FDLow, &d.FDHigh
	}
	return nil, nil, nil
}

// perSecond returns how many a second n are, nil if it is not known.
func perSecond(n, seconds float64) *float64 {
	if seconds <= 0 {
		return nil
	}
	return positive(n / seconds)
}

func positive(v float64) *float64 {
	if v <= 0 {
		return nil
	}
	return &v
}

// uneven returns by how much the shares of orientations differ among the samples, in per cent.
func uneven(r record) *float64 {
	if len(r.Quality.Orientations) == 0 {
		return nil
	}
	low, high := 1.0, 0.0
	for _, p := range r.Quality.Orientations {
		low, high = min(low, p.Share), max(high, p.Share)
	}
	v := 100 * (high - low)
	return &v
}
