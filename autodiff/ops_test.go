package autodiff

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"spdiff/tensor"
)

// The table of operations. Each name of an op in the package's source must be
// covered by a case, added beside the tests of its family:
//
//	func init() {
//		addCases(opCase{
//			name:  "mul",
//			args:  []arg{{shape: tensor.Shape{2, 3}}, {shape: tensor.Shape{2, 3}}},
//			build: func(x []*Node) *Node { return Mul(x[0], x[1]) },
//			want:  func(x [][]float64) []float64 { … },
//		})
//	}
//
// Every case is held against want, a slow float64 statement of the same
// mathematics: its value, all first derivatives (finite differences of want),
// and second derivatives along a random direction (likewise). Besides, it must
// have the same bits with and without reuse of memory and for any number of
// workers, and its run must not allocate.
var opCases []opCase

func addCases(c ...opCase) { opCases = append(opCases, c...) }

type opCase struct {
	name   string   // "op" or "op/variant"
	covers []string // further ops that appear in this case, say the fused gradient
	args   []arg
	build  func(x []*Node) *Node
	want   func(x [][]float64) []float64 // row-major
	tol    float64                       // relative tolerance of the value, default 2e-6; derivatives get 10 and 50 times it
	order  int                           // how many derivatives are checked, default 2; -1 for none
}

// An arg is a random argument of a case, uniform in [lo, hi), by default [−1, 1).
type arg struct {
	shape  tensor.Shape
	lo, hi float64
	data   []float32 // instead of random numbers
	fixed  bool      // not differentiated by, say because it holds indices
}

func (a arg) sample(rng *rand.Rand) []float32 {
	if a.data != nil {
		return slices.Clone(a.data)
	}
	if a.lo == a.hi {
		a.lo, a.hi = -1, 1
	}
	x := make([]float32, size(a.shape))
	for i := range x {
		x[i] = float32(a.lo + (a.hi-a.lo)*rng.Float64())
	}
	return x
}

func TestOps(t *testing.T) {
	for _, c := range opCases {
		t.Run(c.name, func(t *testing.T) { newOpTest(t, c).run(t) })
	}
}

// An opTest is a case with its arguments x, and the scalar loss
// L(x) = Σᵢ vᵢ·(zᵢ + zᵢ²/2) of its result z, in which the gradient by z depends
// on z, so that second derivatives go through both arguments of a gradient.
type opTest struct {
	opCase
	x      [][]float32
	v, dir []float64 // weights of the loss; the direction of second derivatives, over all of x
	in     []*Node
	z      *Node
	grads  []*Node // of L by in
	second []*Node // of ⟨dir, grads⟩ by in
}

func newOpTest(t *testing.T, c opCase) *opTest {
	rng := rand.New(rand.NewPCG(1, uint64(len(c.name))))
	if c.tol == 0 {
		c.tol = 2e-6
	}
	if c.order == 0 {
		c.order = 2
	}
	o := &opTest{opCase: c}
	for i, a := range c.args {
		o.x = append(o.x, a.sample(rng))
		o.in = append(o.in, Input(fmt.Sprint("x", i), a.shape...))
		for range o.x[i] {
			o.dir = append(o.dir, rng.Float64()-0.5)
			if a.fixed {
				o.dir[len(o.dir)-1] = 0
			}
		}
	}
	o.z = c.build(o.in)
	for range size(o.z.Shape()) {
		o.v = append(o.v, float64(float32(0.5+rng.Float64())))
	}
	o.differentiate()
	return o
}

// differentiate builds the gradients.
func (o *opTest) differentiate() {
	if o.order >= 1 {
		v := constantOf(o.v, o.z.Shape())
		o.grads = Grad(Sum(Mul(v, Add(o.z, Scale(Square(o.z), 0.5)))), o.in...)
	}
	if o.order >= 2 {
		along, at := scalar(0), 0
		for i, g := range o.grads {
			n := len(o.x[i])
			along = Add(along, Sum(Mul(constantOf(o.dir[at:at+n], g.Shape()), g)))
			at += n
		}
		o.second = Grad(along, o.in...)
	}
}

func constantOf(x []float64, shape tensor.Shape) *Node {
	t := tensor.New(shape...)
	for i, v := range x {
		t.Data()[i] = float32(v)
	}
	return Constant(t)
}

func (o *opTest) run(t *testing.T) {
	outputs := slices.Concat([]*Node{o.z}, o.grads, o.second)
	got := o.evaluate(compile(outputs, planner{reuse: true}))
	o.checkDeclared(t, outputs)
	o.checkBits(t, outputs, got)

	at := toFloat64(o.x)
	compareTo(t, "value", flat(got[:1]), o.want(at), o.tol)
	if o.order >= 1 {
		compareTo(t, "gradient", free(o, flat(got[1:1+len(o.in)])), free(o, o.gradient(at)), 10*o.tol)
	}
	if o.order >= 2 {
		compareTo(t, "second derivative", free(o, flat(got[1+len(o.in):])), free(o, o.hessian(at)), 50*o.tol)
	}
}

// evaluate runs p on x and returns a copy of each output. The memory starts as
// NaN, which an operation that writes less than all of its result lets through.
func (o *opTest) evaluate(p *Program) [][]float32 {
	w := p.NewWorkspace()
	for i := range w.arena {
		w.arena[i] = float32(math.NaN())
	}
	o.fill(w)
	w.Prepare()
	w.Run()
	var got [][]float32
	for _, n := range p.outputs {
		got = append(got, slices.Clone(w.Output(n)))
	}
	return got
}

func (o *opTest) fill(w *Workspace) {
	for i, n := range o.in {
		if _, ok := w.value[n]; ok {
			copy(w.Input(n), o.x[i])
		}
	}
}

// checkDeclared fails if an operation that the case says it covers is not there.
func (o *opTest) checkDeclared(t *testing.T, outputs []*Node) {
	for _, name := range o.covered() {
		if !slices.ContainsFunc(reachable(outputs), func(n *Node) bool { return n.op.name == name }) {
			t.Errorf("the case covers %q, but its graph has no such operation", name)
		}
	}
}

// checkBits compares got with runs without reuse of memory and on other numbers
// of workers, and counts allocations.
func (o *opTest) checkBits(t *testing.T, outputs []*Node, got [][]float32) {
	if apart := o.evaluate(compile(outputs, planner{})); !sameBits(flat(got), flat(apart)) {
		t.Error("reuse of memory changes the result")
	}
	p := Compile(outputs...)
	defer tensor.SetWorkers(tensor.Workers())
	for _, workers := range []int{1, 3} {
		tensor.SetWorkers(workers)
		if again := o.evaluate(p); !sameBits(flat(got), flat(again)) {
			t.Errorf("%d workers change the result", workers)
		}
	}
	tensor.SetWorkers(1) // the pool's own allocations are tensor's matter
	w := p.NewWorkspace()
	o.fill(w)
	if n := testing.AllocsPerRun(5, func() { w.Prepare(); w.Run() }); n != 0 {
		t.Errorf("a run allocates %v times", n)
	}
}

// loss is L, in float64.
func (o *opTest) loss(x [][]float64) float64 {
	sum := 0.0
	for i, z := range o.want(x) {
		sum += o.v[i] * (z + z*z/2)
	}
	return sum
}

// gradient returns ∂L/∂x by central differences.
func (o *opTest) gradient(x [][]float64) []float64 {
	const h = 1e-5
	return o.perElement(x, func(xi *float64) float64 {
		x0 := *xi
		*xi = x0 + h
		up := o.loss(x)
		*xi = x0 - h
		down := o.loss(x)
		*xi = x0
		return (up - down) / (2 * h)
	})
}

// hessian returns the second derivatives of L by the direction and by each
// element of x, by central differences.
func (o *opTest) hessian(x [][]float64) []float64 {
	const h = 3e-4
	slope := func() float64 {
		o.move(x, h)
		up := o.loss(x)
		o.move(x, -2*h)
		down := o.loss(x)
		o.move(x, h)
		return (up - down) / (2 * h)
	}
	return o.perElement(x, func(xi *float64) float64 {
		x0 := *xi
		*xi = x0 + h
		up := slope()
		*xi = x0 - h
		down := slope()
		*xi = x0
		return (up - down) / (2 * h)
	})
}

// move adds h times the direction to x.
func (o *opTest) move(x [][]float64, h float64) {
	at := 0
	for _, xi := range x {
		for j := range xi {
			xi[j] += h * o.dir[at]
			at++
		}
	}
}

// perElement collects f of each element; zero for fixed arguments.
func (o *opTest) perElement(x [][]float64, f func(xi *float64) float64) []float64 {
	var all []float64
	for i := range x {
		for j := range x[i] {
			if o.args[i].fixed {
				all = append(all, 0)
			} else {
				all = append(all, f(&x[i][j]))
			}
		}
	}
	return all
}

// free keeps of gradients by all arguments those that are not fixed.
func free[T any](o *opTest, all []T) []T {
	var kept []T
	at := 0
	for i, a := range o.args {
		if !a.fixed {
			kept = append(kept, all[at:at+len(o.x[i])]...)
		}
		at += len(o.x[i])
	}
	return kept
}

// compareTo fails unless got is want up to tol times the largest of want, or 1.
func compareTo(t *testing.T, what string, got []float32, want []float64, tol float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d elements, want %d", what, len(got), len(want))
	}
	scale := 1.0
	for _, w := range want {
		scale = max(scale, math.Abs(w))
	}
	for i, w := range want {
		if diff := math.Abs(float64(got[i]) - w); !(diff <= tol*scale) {
			t.Errorf("%s: element %d is %v, want %v: off by %.2g of %.3g", what, i, got[i], w, diff/scale, tol)
			return
		}
	}
}

func sameBits(x, y []float32) bool {
	return slices.EqualFunc(x, y, func(a, b float32) bool { return math.Float32bits(a) == math.Float32bits(b) })
}

func flat(x [][]float32) []float32 { return slices.Concat(x...) }

func toFloat64(x [][]float32) [][]float64 {
	y := make([][]float64, len(x))
	for i := range x {
		for _, v := range x[i] {
			y[i] = append(y[i], float64(v))
		}
	}
	return y
}
