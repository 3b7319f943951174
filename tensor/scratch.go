package tensor

import (
	"sync"

	"spdiff/asm"
)

// A scratch is what a piece of a convolution needs while it runs.
type scratch struct {
	pool     *scratchPool
	segments []asm.Segment
	sums     []float32
}

// scratches are those that no piece uses. They belong to the process rather than to convolutions, of which a network has a
// hundred, and there are only as many as pieces run at a time. After the first run none is made.
var scratches scratchPool

// partSums are those of the parts of weight gradients, which are larger.
var partSums scratchPool

type scratchPool struct {
	sync.Mutex
	free []*scratch
}

// borrow returns a scratch of some segments and sums, whose contents are arbitrary.
func borrow(segments, sums int) *scratch { return scratches.borrow(segments, sums) }

func (p *scratchPool) borrow(segments, sums int) *scratch {
	p.Lock()
	var s *scratch
	if n := len(p.free); n > 0 {
		s = p.free[n-1]
		p.free = p.free[:n-1]
	}
	p.Unlock()
	if s == nil {
		s = &scratch{pool: p}
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
	s.pool.Lock()
	s.pool.free = append(s.pool.free, s)
	s.pool.Unlock()
}
