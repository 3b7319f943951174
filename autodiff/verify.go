package autodiff

import (
	"fmt"
	"slices"
)

// A PlanError is the panic value of Compile and NewWorkspace where an operation, or the package itself, breaks what the plan
// of memory rests on. Whoever builds a graph of the package's
// operations is never at fault.
type PlanError struct {
	Op, Label string // the operation, and its label
	Reason    string
}

// Error names the operation and what is broken.
func (e *PlanError) Error() string {
	return fmt.Sprintf("autodiff: plan: %s %q: %s", e.Op, e.Label, e.Reason)
}

func (n *Node) broken(format string, a ...any) {
	panic(&PlanError{n.op.name, n.label, fmt.Sprintf(format, a...)})
}

// A region is a piece of the arena, and the node whose value, or scratch, lies there.
type region struct {
	node     *Node
	from, to int
}

func (r region) meets(o region) bool { return r.from < o.to && o.from < r.to }

// is reports whether both are the same memory.
func (r region) is(o region) bool { return r.from == o.from && r.to == o.to }

// verify goes through a program as it runs, Run twice, and panics with a *PlanError unless each value is whole where it is read:
// every operation comes after those whose values it reads; none writes over what it or a later one reads, except in place where it may;
// and values that operations of one stage touch lie apart in memory, or in the very same place.
func (p *Program) verify() {
	live := memory{whole: map[*Node]bool{}}
	run := func(s stage) {
		for _, n := range s.nodes {
			live.execute(p, n)
		}
		p.verifyStage(s)
	}
	for _, n := range p.order {
		if r, ok := p.region(n); ok && n.kind == input { // the caller sets it at any time
			live.write(r)
		}
	}
	for _, n := range p.order[:p.prologue] {
		run(stage{nodes: []*Node{n}})
	}
	for range 2 {
		for _, s := range p.stages {
			run(s)
		}
	}
	for _, n := range p.outputs {
		live.read(p, n, n)
	}
}

// A memory lists the values that are whole, and the regions where they lie.
type memory struct {
	regions []region
	whole   map[*Node]bool
}

// execute marks what n writes, once it has read its arguments.
func (m *memory) execute(p *Program, n *Node) {
	if n.op.inplace > len(n.args) || n.op.view && len(n.args) == 0 {
		n.broken("it has %d arguments, and speaks of more", len(n.args))
	}
	var read []region
	for _, a := range n.args {
		m.read(p, n, a)
		if r, ok := p.region(storage(a)); ok {
			read = append(read, r)
		}
	}
	if !n.computes() {
		return
	}
	z, _ := p.region(n)
	if s, ok := p.scratchOf(n); ok {
		m.write(s)
		for _, r := range append(read, z) {
			if s.meets(r) {
				n.broken("its scratch lies on an argument or on the result")
			}
		}
	}
	for i, r := range read {
		if z.meets(r) && !(z.is(r) && p.mayOverwrite(n, r)) {
			n.broken("its result lies on argument %d", i)
		}
	}
	m.write(z)
}

// mayOverwrite reports whether an argument in the region is one that n may work in place of, and no other is there.
func (p *Program) mayOverwrite(n *Node, at region) bool {
	in := false
	for i, a := range n.args {
		if r, ok := p.region(storage(a)); ok && r.is(at) {
			if i >= n.op.inplace {
				return false
			}
			in = true
		}
	}
	return in
}

// read panics unless a's value is whole as n reads it.
func (m *memory) read(p *Program, n, a *Node) {
	if s := storage(a); s.data == nil && !m.whole[s] {
		n.broken("it reads %s %q, which is not there, or not any more", s.op.name, s.label)
	}
}

// write puts a value in a region, and ends those that it meets.
func (m *memory) write(z region) {
	m.regions = slices.DeleteFunc(m.regions, func(r region) bool {
		if r.meets(z) {
			delete(m.whole, r.node)
			return true
		}
		return false
	})
	m.regions, m.whole[z.node] = append(m.regions, z), true
}

// region returns where the value of n lies, if that is in the arena.
func (p *Program) region(n *Node) (region, bool) {
	at, ok := p.plan.offset[n]
	return region{n, at, at + size(n.op.shape)}, ok
}

func (p *Program) scratchOf(n *Node) (region, bool) {
	at, ok := p.plan.scratch[n]
	return region{nil, at, at + n.op.scratch}, ok
}

// verifyStage panics unless values that a stage of several operations touches are apart, or in the same place altogether, and nothing is
// written where one of them reads all images.
func (p *Program) verifyStage(s stage) {
	if s.images == 0 || len(s.nodes) < 2 {
		return
	}
	var touched []region
	touch := func(n *Node, r region, ok bool) {
		for _, o := range touched {
			if ok && r.meets(o) && !r.is(o) {
				n.broken("it goes through the images together with others, but its memory lies across theirs")
			}
		}
		if ok {
			touched = append(touched, r)
		}
	}
	for _, n := range s.nodes {
		for _, v := range append(n.args[:len(n.args):len(n.args)], n) {
			r, ok := p.region(storage(v))
			touch(n, r, ok)
		}
		r, ok := p.scratchOf(n)
		touch(n, r, ok)
	}
	p.verifyWhole(s)
}

// verifyWhole panics if an operation of a stage overwrites what one of them reads whole for each image.
func (p *Program) verifyWhole(s stage) {
	for _, n := range s.nodes {
		for _, a := range n.args {
			at, ok := p.region(storage(a))
			if !ok || !n.readsWhole(a) {
				continue
			}
			for _, o := range s.nodes {
				if z, ok := p.region(o); ok && o.computes() && z.meets(at) {
					o.broken("its result lies on what %s reads whole, image after image", n.op.name)
				}
			}
		}
	}
}

// verifyTasks panics unless n's work is cut as the operation says.
func (n *Node) verifyTasks(s step) {
	if images := n.op.images; images > 0 && (len(s.tasks) != 1 || s.tasks[0].N != images) {
		n.broken("it goes image by image, but its work is not one task of %d pieces", images)
	}
}
