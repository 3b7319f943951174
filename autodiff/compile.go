package autodiff

import (
	"slices"

	"spdiff/tensor"
)

// A Program computes some outputs of a graph. It is immutable, and safe for
// concurrent use: each caller runs it in a Workspace of its own.
type Program struct {
	outputs  []*Node
	order    []*Node // sources, then the prologue's operations, then the run's
	prologue int     // order[:prologue] does not depend on inputs, nor on variables if they change with every run
	stages   []stage // the rest of order
	plan     plan
}

// Compile makes the program that computes outputs. What they do not need is
// left out. Operations run in the order in which their nodes were made, which
// for a gradient is the reverse of the forward pass: each activation dies as
// its gradient is done; but those that go image by image join others of their
// kind, see schedule. All values live in one arena, planned by liveness.
//
// What depends on variables and constants alone (packed weights) forms the
// prologue, which Workspace.Prepare evaluates; Workspace.Run does the rest.
//
// It panics with a *UseError if there are no outputs, and with a *PlanError if
// the plan does not hold.
func Compile(outputs ...*Node) *Program {
	return compile(outputs, planner{reuse: true})
}

// CompileStep is Compile for variables that change before every run, as in
// training: Run evaluates what depends on them as well, each value just before
// it is needed, so that packed weights take memory for a moment and not to the
// end. Prepare then has only constants to see to.
func CompileStep(outputs ...*Node) *Program {
	return compile(outputs, planner{reuse: true, step: true})
}

func compile(outputs []*Node, pl planner) *Program {
	if len(outputs) == 0 || slices.Contains(outputs, nil) {
		panic(&UseError{"Compile", "there must be outputs, and none may be nil"})
	}
	nodes := reachable(outputs)
	varies := map[*Node]bool{}
	for _, n := range nodes {
		varies[n] = n.kind == input || pl.step && n.kind == variable
		for _, a := range n.args {
			varies[n] = varies[n] || varies[a]
		}
	}
	p := &Program{outputs: slices.Clone(outputs)}
	for _, n := range nodes {
		if !varies[n] {
			p.order = append(p.order, n)
		}
	}
	p.prologue = len(p.order)
	p.stages = schedule(slices.DeleteFunc(nodes, func(n *Node) bool { return !varies[n] }), pl.reuse)
	for _, s := range p.stages {
		p.order = append(p.order, s.nodes...)
	}
	p.plan = pl.plan(p)
	p.verify()
	return p
}

// reachable returns outputs and all that they are computed from, in order of
// making.
func reachable(outputs []*Node) []*Node {
	var nodes []*Node
	seen := map[*Node]bool{}
	var visit func(n *Node)
	visit = func(n *Node) {
		if seen[n] {
			return
		}
		seen[n] = true
		for _, a := range n.args {
			visit(a)
		}
		nodes = append(nodes, n)
	}
	for _, n := range outputs {
		visit(n)
	}
	slices.SortFunc(nodes, byMaking)
	return nodes
}

// An Op describes one operation of a program.
type Op struct {
	Name      string           // of the operation, as "conv"
	Label     string           // where it comes from, see Node.Named
	Shape     tensor.Shape     // of the result
	Prologue  bool             // evaluated by Prepare, not by Run
	FLOPs     int64            // floating-point operations a run; 0 if memory traffic is all
	Bytes     int64            // of arguments and result
	Precision tensor.Precision // in which its products are computed: of few channels float32, whatever In asks for
}

// Ops lists the operations in order of execution.
func (p *Program) Ops() []Op {
	var ops []Op
	for i, n := range p.order {
		if !n.computes() {
			continue
		}
		bytes := 4 * int64(size(n.op.shape))
		for _, a := range n.args {
			bytes += 4 * int64(size(a.op.shape))
		}
		ops = append(ops, Op{n.op.name, n.label, n.op.shape, i < p.prologue, n.op.flops, bytes, n.op.precision})
	}
	return ops
}

// ArenaLen returns the length, in float32 numbers, of a workspace's arena.
func (p *Program) ArenaLen() int { return p.plan.arena }

// computes reports whether n is an operation that does something.
func (n *Node) computes() bool { return n.kind == operation && !n.op.view }
