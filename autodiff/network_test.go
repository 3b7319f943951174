package autodiff

import (
	"testing"

	"spdiff/group"
	"spdiff/tensor"
)

// A network is a small one with every operation that networks are made of.
type network struct {
	inputs []*Node
	out    []*Node // the loss, then its gradients by inputs and weights
}

// newNetwork makes one for n images of 8×8 pixels, tied over D4.
func newNetwork(n int) *network {
	const c = 8
	x, times, class, key := Input("x", n, 8, 8, 2), Input("t", n), Input("class", n), Input("key", n, 2)
	var weights []*Node
	weight := func(shape ...int) *Node {
		data := normalNoise(size(shape), uint64(100+len(weights)))
		for i := range data {
			data[i] *= 0.3
		}
		w := Variable(tensor.From(data, shape...))
		weights = append(weights, w)
		return w
	}
	k, keys := tensor.Kernel(group.D4.Taps(3, 3)), Keys{}
	keys.Pixels, keys.Weight = group.D4.Domain(4, 4)
	emb := Add(TimestepEmbedding(times, 6), Embedding(class, weight(3, 6)))
	film := Linear(SiLU(Linear(emb, weight(6, 6), weight(6))), weight(6, 2*c), weight(2*c))
	h := Conv(x, weight(len(k), 2, c), weight(c), k)
	h = GroupNorm(h, weight(c), weight(c), Slice(film, 0, c), Slice(film, c, 2*c),
		Norm{Groups: 4, Eps: 1e-5, Orbits: group.D4.Pixels(8, 8), SiLU: true})
	h = MeanPool2(Dropout(h, key, 1, 0.2))
	qkv := Linear(GroupNorm(h, weight(c), weight(c), nil, nil, Norm{Groups: 4, Eps: 1e-5, Orbits: group.D4.Pixels(4, 4)}), weight(c, 3*c), nil)
	a := Attention(Reshape(qkv, n, 16, 3*c), 4, keys)
	h = Upsample2(Add(h, Reshape(a, n, 4, 4, c)))
	loss := MSE(Conv(h, weight(len(k), c, 2), nil, k), x)
	return &network{[]*Node{x, times, class, key}, append([]*Node{loss}, Grad(loss, append([]*Node{x, times}, weights...)...)...)}
}

// fill sets the inputs.
func (n *network) fill(w *Workspace) {
	copy(w.Input(n.inputs[0]), normalNoise(size(n.inputs[0].Shape()), 1))
	for i := range w.Input(n.inputs[1]) {
		w.Input(n.inputs[1])[i] = float32(i) / 3
		w.Input(n.inputs[2])[i] = float32(i % 3)
		w.Input(n.inputs[3])[2*i] = float32(i)
	}
}

// evaluate runs the network in memory that starts as NaN.
func (n *network) evaluate(p *Program) []float32 {
	w := p.NewWorkspace()
	for i := range w.arena {
		w.arena[i] = nan
	}
	clear(w.Input(n.inputs[3]))
	n.fill(w)
	w.Prepare()
	w.Run()
	var all []float32
	for _, o := range n.out {
		all = append(all, w.Output(o)...)
	}
	return all
}

func TestNetworkAllocatesNothing(t *testing.T) {
	n := newNetwork(3)
	w := Compile(n.out...).NewWorkspace()
	n.fill(w)
	defer tensor.SetWorkers(tensor.Workers())
	tensor.SetWorkers(1)
	w.Prepare()
	w.Run()
	if allocs := testing.AllocsPerRun(5, func() { w.Prepare(); w.Run() }); allocs != 0 {
		t.Errorf("a run allocates %v times", allocs)
	}
}

// A training step has one set of bits: with and without reuse of memory, run
// again, for any number of workers.
func TestNetworkHasOneSetOfBits(t *testing.T) {
	n := newNetwork(3)
	p := Compile(n.out...)
	want := n.evaluate(p)
	if !sameBits(n.evaluate(compile(n.out, planner{})), want) {
		t.Error("reuse of memory changes the result")
	}
	w := p.NewWorkspace()
	n.fill(w)
	defer tensor.SetWorkers(tensor.Workers())
	for _, workers := range []int{1, 2, 3} {
		tensor.SetWorkers(workers)
		w.Prepare()
		w.Run()
		if got := w.Output(n.out[0])[0]; got != want[0] {
			t.Errorf("%d workers, memory used before: loss %v, want %v", workers, got, want[0])
		}
		if !sameBits(n.evaluate(p), want) {
			t.Errorf("%d workers change the result", workers)
		}
	}
}

func TestNetworkIsFinite(t *testing.T) {
	n := newNetwork(3)
	w := Compile(n.out...).NewWorkspace()
	n.fill(w)
	if err := w.RunChecked(); err != nil {
		t.Error(err)
	}
}
