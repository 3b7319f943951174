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
	rounded  []asm.SegmentBF16 // of a product of bf16, and
	operand  []float32         // its factor, in operand form
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
	if cap(s.sums) < sums {
		s.sums = make([]float32, sums)
	}
	s.segments, s.sums = s.segmentsOf(segments), s.sums[:sums]
	return s
}

// segmentsOf returns room for some segments.
func (s *scratch) segmentsOf(n int) []asm.Segment {
	if cap(s.segments) < n {
		return make([]asm.Segment, n)
	}
	return s.segments[:n]
}

// borrowRounded returns a scratch for a product of bf16: of some segments, float32 numbers, and numbers of an operand.
func borrowRounded(segments, sums, numbers int) *scratch {
	s := borrow(0, sums)
	if cap(s.rounded) < segments {
		s.rounded = make([]asm.SegmentBF16, segments)
	}
	n := asm.SlotsBF16(numbers)
	if cap(s.operand) < n {
		s.operand = make([]float32, n)
	}
	s.rounded, s.operand = s.rounded[:segments], s.operand[:n]
	return s
}

// giveBack makes a scratch free, and the data that its segments point to.
func (s *scratch) giveBack() {
	clear(s.segments)
	clear(s.rounded)
	s.pool.Lock()
	s.pool.free = append(s.pool.free, s)
	s.pool.Unlock()
}
