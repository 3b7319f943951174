package tensor

import (
	"sync"

	"spdiff/asm"
)

// A scratch is what a piece of a convolution needs while it runs.
type scratch struct {
	segments []asm.Segment
	sums     []float32
}

// scratches are those that no piece uses. They belong to the process rather than to convolutions, of which a network has a
// hundred, and there are only as many as pieces run at a time. After the first run none is made.
var scratches struct {
	sync.Mutex
	free []*scratch
}

// borrow returns a scratch of some segments and sums, whose contents are arbitrary.
func borrow(segments, sums int) *scratch {
	scratches.Lock()
	var s *scratch
	if n := len(scratches.free); n > 0 {
		s = scratches.free[n-1]
		scratches.free = scratches.free[:n-1]
	}
	scratches.Unlock()
	if s == nil {
		s = new(scratch)
	}
	if cap(s.segments) < segments {
		s.segments = make([]asm.Segment, segments)
	}
	if cap(s.sums) < sums {
		s.sums = make([]float32, sums)
	}
	s.segments, s.sums = s.segments[:segments], s.sums[:sums]
	return s
}

// giveBack makes a scratch free, and the data that its segments point to.
func (s *scratch) giveBack() {
	clear(s.segments)
	scratches.Lock()
	scratches.free = append(scratches.free, s)
	scratches.Unlock()
}
