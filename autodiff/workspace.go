package autodiff

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync/atomic"

	"spdiff/tensor"
)

// A Workspace is the memory in which one caller runs a Program, with every
// operation bound to its place there. It is for one goroutine at a time.
type Workspace struct {
	program *Program
	arena   []float32
	value   map[*Node][]float32
	steps   []step // in order of execution, Prepare's first
	first   int    // Run's first step
	prepare []tensor.Task
	run     []tensor.Task

	prepared bool
	busy     atomic.Bool // some goroutine is in Prepare or Run
}

// A step is one bound operation.
type step struct {
	node  *Node
	out   []float32
	tasks []tensor.Task
}

// NewWorkspace allocates an arena and binds the program's operations to it.
// Prepare has yet to be called.
func (p *Program) NewWorkspace() *Workspace {
	w := &Workspace{program: p, arena: newArena(p.plan.arena), value: make(map[*Node][]float32, len(p.order))}
	for _, n := range p.order[:p.prologue] {
		w.prepare = append(w.prepare, w.add(n)...)
	}
	w.first = len(w.steps)
	for _, s := range p.stages {
		var tasks []tensor.Task
		for _, n := range s.nodes {
			tasks = append(tasks, w.add(n)...)
		}
		w.run = append(w.run, s.join(tasks)...)
	}
	return w
}

// add gives n its memory and returns its work.
func (w *Workspace) add(n *Node) []tensor.Task {
	w.value[n] = w.place(n)
	if !n.computes() {
		return nil
	}
	s := w.bind(n)
	n.verifyTasks(s)
	w.steps = append(w.steps, s)
	return s.tasks
}

// join makes one task of those of a stage that goes image by image.
func (s *stage) join(tasks []tensor.Task) []tensor.Task {
	if len(tasks) < 2 || s.images == 0 {
		return tasks
	}
	return []tensor.Task{{N: s.images, Do: func(i, worker int) {
		for k := range tasks {
			tasks[k].Do(i, worker)
		}
	}}}
}

// place returns the memory of n's value.
func (w *Workspace) place(n *Node) []float32 {
	s := storage(n)
	if s.data != nil {
		return s.data.Data()
	}
	return w.piece(w.program.plan.offset[s], size(n.op.shape))
}

// piece returns n numbers of the arena from at.
func (w *Workspace) piece(at, n int) []float32 { return w.arena[at : at+n : at+n] }

// bind makes the work of n.
func (w *Workspace) bind(n *Node) step {
	args := make([][]float32, len(n.args), len(n.args)+1)
	for i, a := range n.args {
		args[i] = w.value[a]
	}
	if n.op.scratch > 0 {
		args = append(args, w.piece(w.program.plan.scratch[n], n.op.scratch))
	}
	return step{n, w.value[n], n.op.bind(w.value[n], args)}
}

// Input returns the memory of the input n, to be filled before Run. It keeps
// what it is given. It panics with a *UseError if n is no input that the program
// reads.
func (w *Workspace) Input(n *Node) []float32 {
	x, ok := w.value[n]
	if !ok || n.kind != input {
		panic(&UseError{"Workspace.Input", fmt.Sprintf("%s %q %v is no input of the program", n.op.name, n.label, n.op.shape)})
	}
	return x
}

// Output returns the memory of the output n, valid from one call of Run to the
// next one of Prepare or Run. It panics with a *UseError if n is no output of
// the program.
func (w *Workspace) Output(n *Node) []float32 {
	if !slices.Contains(w.program.outputs, n) {
		panic(&UseError{"Workspace.Output", fmt.Sprintf("%s %q %v is no output of the program", n.op.name, n.label, n.op.shape)})
	}
	return w.value[n]
}

// Prepare evaluates what depends on variables and constants alone, for any
// number of runs. It must be called before the first Run and whenever
// variables have changed since. It panics with a *UseError if the workspace is
// in use by another goroutine.
func (w *Workspace) Prepare() {
	if err := w.PrepareContext(context.Background()); err != nil {
		panic(err) // that context is never done
	}
}

// PrepareContext is Prepare that stops between two operations when ctx is done,
// and returns ctx's error. Then the workspace is not prepared.
func (w *Workspace) PrepareContext(ctx context.Context) error {
	w.enter("Workspace.Prepare")
	defer w.busy.Store(false)
	w.prepared = false
	for i := range w.prepare {
		if err := ctx.Err(); err != nil {
			return err
		}
		tensor.Run(w.prepare[i : i+1]...)
	}
	w.prepared = true
	return nil
}

// Run computes the outputs from the inputs. It allocates nothing. It panics
// with a *UseError if there is something to prepare and the workspace is not
// prepared, or if it is in use by another goroutine.
func (w *Workspace) Run() {
	w.enter("Workspace.Run")
	defer w.busy.Store(false)
	if !w.prepared && len(w.prepare) > 0 {
		panic(&UseError{"Workspace.Run", "the workspace is not prepared: call Prepare, which evaluates what depends on variables and constants alone"})
	}
	tensor.Run(w.run...)
}

// enter takes the workspace for one goroutine, which stores false in busy when it is done.
func (w *Workspace) enter(caller string) {
	if !w.busy.CompareAndSwap(false, true) {
		panic(&UseError{caller, "another goroutine runs the workspace; each needs one of its own"})
	}
}

// RunChecked does what Prepare and Run do, and looks at each value as it is
// made, inputs first: it returns a *NonFiniteError for the first NaN or
// infinity. If that is in an input, the workspace stays prepared if it was; if in
// a variable, a constant or a result of Prepare, it is no longer prepared.
func (w *Workspace) RunChecked() error {
	w.enter("Workspace.RunChecked")
	defer w.busy.Store(false)
	if err := w.checkSources(input); err != nil {
		return err
	}
	w.prepared = false
	if err := w.checkSources(variable, constant); err != nil {
		return err
	}
	if err := runChecked(w.steps[:w.first]); err != nil {
		return err
	}
	w.prepared = true
	return runChecked(w.steps[w.first:])
}

// checkSources looks at the values of the sources of these kinds.
func (w *Workspace) checkSources(kinds ...kind) error {
	for _, n := range w.program.order {
		if slices.Contains(kinds, n.kind) {
			if err := checkFinite(n, w.value[n]); err != nil {
				return err
			}
		}
	}
	return nil
}

// runChecked runs steps and looks at the value of each.
func runChecked(steps []step) error {
	for _, s := range steps {
		tensor.Run(s.tasks...)
		if err := checkFinite(s.node, s.out); err != nil {
			return err
		}
	}
	return nil
}

// A NonFiniteError tells where a NaN or an infinity arose.
type NonFiniteError struct {
	Op    string       // the operation, or "input", "variable", "constant"
	Label string       // where it comes from, see Node.Named
	Shape tensor.Shape // of the value
	Index int          // of the first such element, in row-major order
	Value float32      // the element
}

// Error names the operation, its label and shape, the element and its value.
func (e *NonFiniteError) Error() string {
	return fmt.Sprintf("autodiff: %s %q %v: element %d is %v, the first value of the run that is not finite",
		e.Op, e.Label, e.Shape, e.Index, e.Value)
}

func checkFinite(n *Node, x []float32) error {
	for i, v := range x {
		if math.Float32bits(v)>>23&0xff == 0xff {
			return &NonFiniteError{n.op.name, n.label, n.op.shape, i, v}
		}
	}
	return nil
}
