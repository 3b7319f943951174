package autodiff

import (
	"cmp"
	"slices"
)

// A plan says where in the arena each value lives.
type plan struct {
	arena   int           // length
	offset  map[*Node]int // of inputs and operations; a view has its argument's
	scratch map[*Node]int // of operations with scratch
}

// A planner makes plans. The zero planner gives each value memory of its own
// and each operation a stage, which is what the tests compare with.
type planner struct {
	reuse bool
	step  bool // variables change with every run
}

// A buffer is a piece of the arena in use from step first to step last, both
// included: nodes of the prologue and stages are a step each.
type buffer struct {
	size, first, last int
	offset            int
}

// overlaps reports whether a and b are in use at the same time.
func (a *buffer) overlaps(b *buffer) bool { return a.first <= b.last && b.first <= a.last }

// align is the granule of the arena in float32 numbers: 64 bytes, a cache line.
const align = 16

// plan places the values of p. Inputs live all the time, for the caller may
// set them at any; outputs to the end; what Prepare leaves for Run to read to
// the end as well, since Run is called again and again.
func (pl planner) plan(p *Program) plan {
	last, step := lastUses(p), p.steps()
	home := map[*Node]*buffer{}
	scratch := map[*Node]*buffer{}
	var all []*buffer
	add := func(size, first, last int) *buffer {
		b := &buffer{size: (size + align - 1) / align * align, first: first, last: last}
		all = append(all, b)
		return b
	}
	for i, n := range p.order {
		switch {
		case n.kind == input:
			home[n] = add(size(n.op.shape), 0, step[len(p.order)])
		case n.computes():
			if n.op.scratch > 0 {
				scratch[n] = add(n.op.scratch, step[i], step[i])
			}
			if b := pl.dying(n, i, home, last); b != nil {
				home[n], b.last = b, step[last[n]]
				continue
			}
			home[n] = add(size(n.op.shape), step[i], step[last[n]])
		case n.op.view:
			if b := home[storage(n)]; b != nil {
				home[n] = b
			}
		}
	}
	if !pl.reuse {
		for _, b := range all {
			b.first, b.last = 0, len(p.order)
		}
	}
	return plan{place(all), offsets(home), offsets(scratch)}
}

// steps returns the step of each place of order, and that of its end.
func (p *Program) steps() []int {
	var steps []int
	for i := range p.prologue {
		steps = append(steps, i)
	}
	for i, s := range p.stages {
		for range s.nodes {
			steps = append(steps, p.prologue+i)
		}
	}
	return append(steps, p.prologue+len(p.stages))
}

// dying returns the buffer of an argument that n, at place i of the order, may
// overwrite. Within a stage images go one by one; but an operation that read the
// argument earlier has then read this image, and both have it in the same place.
func (pl planner) dying(n *Node, i int, home map[*Node]*buffer, last map[*Node]int) *buffer {
	if !pl.reuse {
		return nil
	}
	for _, a := range n.args[:n.op.inplace] {
		b := home[a]
		s := storage(a)
		if b == nil || s.kind == input || last[s] != i || size(a.op.shape) != size(n.op.shape) {
			continue
		}
		// The other arguments, which n reads in its own way, must be elsewhere.
		if !slices.ContainsFunc(n.args[n.op.inplace:], func(o *Node) bool { return home[o] == b }) {
			return b
		}
	}
	return nil
}

// lastUses returns the place in order at which each value that has memory is
// last read.
func lastUses(p *Program) map[*Node]int {
	end := len(p.order)
	last := make(map[*Node]int, end)
	prepared := make(map[*Node]bool, p.prologue)
	for i, n := range p.order {
		prepared[n] = i < p.prologue
		last[n] = i
		for _, a := range n.args {
			s := storage(a)
			last[s] = i
			if prepared[s] && !prepared[n] {
				last[s] = end
			}
		}
	}
	for _, n := range p.outputs {
		last[storage(n)] = end
	}
	return last
}

// storage returns the node whose memory n's value lies in.
func storage(n *Node) *Node {
	for n.op.view {
		n = n.args[0]
	}
	return n
}

// offsets reads the result of place off.
func offsets(home map[*Node]*buffer) map[*Node]int {
	at := make(map[*Node]int, len(home))
	for n, b := range home {
		at[n] = b.offset
	}
	return at
}

// place gives each buffer an offset so that no two in use at the same time
// share memory, and returns the length that this takes. Largest first, each
// into the tightest gap that the ones placed before leave.
func place(all []*buffer) (arena int) {
	order := slices.Clone(all)
	slices.SortStableFunc(order, func(a, b *buffer) int { return cmp.Compare(b.size, a.size) })
	var placed []*buffer // by offset
	for _, b := range order {
		b.offset = bestFit(placed, b)
		arena = max(arena, b.offset+b.size)
		i, _ := slices.BinarySearchFunc(placed, b, func(p, b *buffer) int { return cmp.Compare(p.offset, b.offset) })
		placed = slices.Insert(placed, i, b)
	}
	return arena
}

// bestFit returns the offset of the smallest gap between those of placed, by
// offset, that are in use together with b, or the end if none is big enough.
func bestFit(placed []*buffer, b *buffer) int {
	best, bestSize, end := -1, 0, 0
	for _, p := range placed {
		if !p.overlaps(b) {
			continue
		}
		if gap := p.offset - end; gap >= b.size && (best < 0 || gap < bestSize) {
			best, bestSize = end, gap
		}
		end = max(end, p.offset+p.size)
	}
	if best < 0 {
		return end
	}
	return best
}
