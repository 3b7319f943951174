package autodiff

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"spdiff/tensor"
)

func opNamesOf(p *Program) []string {
	var names []string
	for _, o := range p.Ops() {
		names = append(names, o.Name)
	}
	return names
}

func TestOnlyWhatIsNeededRunsInTheOrderMade(t *testing.T) {
	x := Input("x", 4)
	a := Exp(x)
	Log(a) // unused
	b := Sin(x)
	c := Mul(b, a)
	if got := opNamesOf(Compile(c)); !slices.Equal(got, []string{"exp", "sin", "mul"}) {
		t.Errorf("order %v", got)
	}
	if got := opNamesOf(Compile(b)); !slices.Equal(got, []string{"sin"}) {
		t.Errorf("order %v", got)
	}
}

func TestPrologue(t *testing.T) {
	v := tensor.From([]float32{1, 2}, 2)
	w := Square(Variable(v)) // as if packed
	x := Input("x", 2)
	y := Mul(w, x)
	p := Compile(y)
	if ops := p.Ops(); len(ops) != 2 || !ops[0].Prologue || ops[1].Prologue {
		t.Fatalf("operations %+v, want the square before the runs and the product in them", ops)
	}
	ws := p.NewWorkspace()
	run := func(prepare bool, want ...float32) {
		t.Helper()
		if prepare {
			ws.Prepare()
		}
		ws.Run()
		if got := ws.Output(y); !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	copy(ws.Input(x), []float32{1, 10})
	run(true, 1, 40)
	run(false, 1, 40) // what Prepare made, and inputs, survive a run
	v.Data()[0] = 3
	run(false, 1, 40) // the variable changed, but Prepare was not called
	run(true, 9, 40)
	copy(ws.Input(x), []float32{0, 1})
	run(false, 0, 4)
}

// A chain of elementwise operations needs its input's memory and one value's.
func TestInPlace(t *testing.T) {
	x := Input("x", 160)
	y := x
	for range 10 {
		y = Sin(Scale(y, 2))
	}
	if n := Compile(y).ArenaLen(); n != 320 {
		t.Errorf("arena of %d numbers, want 320", n)
	}
}

// An operation may overwrite only what it said it may: here the second argument
// is read backwards, and the first is the same memory.
func TestInPlaceNotOverOtherArguments(t *testing.T) {
	o := op{
		name: "test", shape: tensor.Shape{4}, inplace: 1,
		bind: func(z []float32, a [][]float32) []tensor.Task {
			return []tensor.Task{{N: 1, Do: func(_, _ int) {
				for i := range z {
					z[i] = a[0][i] + a[1][len(z)-1-i]
				}
			}}}
		},
	}
	x := Input("x", 4)
	y := Scale(x, 1)
	z := apply(o, y, Reshape(Reshape(y, 2, 2), 4))
	if got := evalOne(z, x, []float32{1, 2, 3, 5}); !slices.Equal(got, []float32{6, 5, 5, 6}) {
		t.Errorf("got %v, want [6 5 5 6]", got)
	}
}

func TestScratchIsPrivate(t *testing.T) {
	x := Input("x", 16)
	o := unary("test", x, nil)
	o.scratch = 16
	o.bind = func(z []float32, a [][]float32) []tensor.Task {
		return []tensor.Task{{N: 1, Do: func(_, _ int) {
			for i := range a[1] {
				a[1][i] = -1
			}
			copy(z, a[0])
		}}}
	}
	kept := Scale(x, 2)
	y := apply(o, Scale(x, 3))
	z := Add(kept, y)
	if got := evalOne(z, x, []float32{1})[0]; got != 5 {
		t.Errorf("got %v, want 5", got)
	}
}

// The backward pass of a deep chain frees activations as it goes: the arena
// grows by one activation a layer, not by all of its values.
func TestBackwardFreesActivations(t *testing.T) {
	const n, layers = 1600, 20
	x := Input("x", n)
	w := make([]*Node, layers)
	y := x
	for i := range w {
		w[i] = Variable(tensor.New())
		y = SiLU(Mul(y, Expand(w[i], n)))
	}
	p := Compile(Grad(Sum(y), w...)...)
	values := 0
	for _, o := range p.Ops() {
		values += size(o.Shape)
	}
	// Kept: x, each layer's product and weight, and a few gradients in flight.
	if limit := (3*layers + 6) * n; p.ArenaLen() > limit {
		t.Errorf("arena of %d numbers, want at most %d (all values: %d)", p.ArenaLen(), limit, values)
	}
}

// randomGraph makes n operations on random earlier nodes, of several sizes and
// with views between, and returns some outputs.
func randomGraph(rng *rand.Rand, n int) (in *Node, outputs []*Node) {
	in = Input("x", 24)
	nodes := []*Node{in, Variable(tensor.From(noise(24, rng.Uint64()), 24)), Fill(0.5, 24)}
	pick := func() *Node { return nodes[max(rng.IntN(len(nodes)), rng.IntN(len(nodes)))] }
	for range n {
		x, y := pick(), pick()
		var z *Node
		switch rng.IntN(9) {
		case 0:
			z = Add(x, y)
		case 1:
			z = Sigmoid(x)
		case 2:
			z = Reshape(Transpose(Reshape(x, 4, 6)), 24)
		case 3:
			z = Slice(Concat(x, y), 7, 31)
		case 4:
			z = Expand(Sum(x), 24)
		case 5:
			z = Reshape(Scale(Reshape(x, 2, 12), 0.5), 24)
		case 6:
			z = Softmax(Sub(x, y))
		case 7:
			z = Mul(Sin(x), y)
		case 8:
			z = Reshape(Expand(SumTo(Reshape(x, 4, 6), 6), 4, 6), 24) // has scratch
		}
		nodes = append(nodes, z)
		if rng.IntN(10) == 0 {
			outputs = append(outputs, z)
		}
	}
	return in, append(outputs, nodes[len(nodes)-1])
}

// Random graphs give the same bits whether or not values share memory, and
// their plans have no two values in the same place at the same time.
func TestRandomGraphs(t *testing.T) {
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 0))
		in, outputs := randomGraph(rng, 5+rng.IntN(60))
		loss := Sum(Mul(outputs[0], outputs[len(outputs)-1]))
		outputs = append(outputs, Grad(loss, in)[0])
		x := noise(24, seed)
		shared, apart := Compile(outputs...), compile(outputs, planner{})
		if got, want := runTwice(shared, in, x), runTwice(apart, in, x); !sameBits(got, want) {
			t.Fatalf("seed %d: reuse of memory changes the result", seed)
		}
		if s, a := shared.ArenaLen(), apart.ArenaLen(); s > a {
			t.Errorf("seed %d: arena of %d with reuse, %d without", seed, s, a)
		}
	}
}

// runTwice runs p in memory that starts as NaN, twice with Prepare and once
// without, and returns the outputs of the last.
func runTwice(p *Program, in *Node, x []float32) []float32 {
	w := p.NewWorkspace()
	for i := range w.arena {
		w.arena[i] = nan
	}
	if _, ok := w.value[in]; ok {
		copy(w.Input(in), x)
	}
	w.Prepare()
	w.Run()
	w.Prepare()
	w.Run()
	w.Run()
	var all []float32
	for _, o := range p.outputs {
		all = append(all, w.Output(o)...)
	}
	return all
}

// place never lets buffers in use at the same time overlap, and is not far from
// what must be in use at the busiest moment.
func TestPlace(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	for range 50 {
		var all []*buffer
		var busy [64]int
		for range 40 {
			first := rng.IntN(60)
			b := &buffer{size: align * (1 + rng.IntN(20)), first: first, last: min(63, first+rng.IntN(8))}
			for i := b.first; i <= b.last; i++ {
				busy[i] += b.size
			}
			all = append(all, b)
		}
		arena := place(all)
		for i, a := range all {
			if a.offset < 0 || a.offset+a.size > arena || a.offset%align != 0 {
				t.Fatalf("buffer %+v lies outside the arena of %d or off its grid", *a, arena)
			}
			for _, b := range all[:i] {
				if a.overlaps(b) && a.offset < b.offset+b.size && b.offset < a.offset+a.size {
					t.Fatalf("buffers %+v and %+v overlap", *a, *b)
				}
			}
		}
		if need := slices.Max(busy[:]); arena > need*5/4 {
			t.Errorf("arena of %d where %d are in use at most", arena, need)
		}
	}
}

// Many workspaces of one program run at the same time.
func TestConcurrentWorkspaces(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	in, outputs := randomGraph(rng, 60)
	p := Compile(outputs...)
	var wg sync.WaitGroup
	for g := range uint64(4) {
		want := runTwice(p, in, noise(24, g))
		wg.Go(func() {
			for range 20 {
				if got := runTwice(p, in, noise(24, g)); !sameBits(got, want) {
					t.Error("other workspaces of the program change a result")
					return
				}
			}
		})
	}
	wg.Wait()
}

// In a step's program a run sees the variables as they are, and packed weights do not wait in memory for their use.
func TestCompileStep(t *testing.T) {
	const n, layers = 1600, 10
	x := Input("x", n)
	v := make([]*tensor.Tensor, layers)
	y := x
	for i := range v {
		v[i] = tensor.From(noise(n, uint64(i)), n)
		y = Mul(y, Square(Variable(v[i]))) // as if packed
	}
	kept, step := Compile(y), CompileStep(y)
	if k, s := kept.ArenaLen(), step.ArenaLen(); k < layers*n || s > 3*n {
		t.Errorf("arenas of %d and, for a step, %d numbers; want at least %d and at most %d", k, s, layers*n, 3*n)
	}
	w, ws := kept.NewWorkspace(), step.NewWorkspace()
	for round := range 2 {
		for i := range v {
			v[i].Data()[0] += float32(round)
		}
		for _, w := range []*Workspace{w, ws} {
			copy(w.Input(x), noise(n, 99))
			w.Prepare()
			w.Run()
		}
		if !sameBits(w.Output(y), ws.Output(y)) {
			t.Errorf("round %d: another result", round)
		}
	}
}
