package autodiff

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"spdiff/tensor"
)

// imageGraph makes n operations, most of which go image by image, and returns some outputs.
func imageGraph(rng *rand.Rand, n int) (in *Node, outputs []*Node) {
	const images, side, c = manyImages, 8, 8
	shape := []int{images, side, side, c}
	in = Input("x", shape...)
	gamma := Variable(tensor.From(noise(c, rng.Uint64()), c))
	w := Variable(tensor.From(noise(c*c, rng.Uint64()), c, c))
	nodes := []*Node{in, Scale(in, 0.5)}
	pick := func() *Node { return nodes[max(rng.IntN(len(nodes)), rng.IntN(len(nodes)))] }
	for range n {
		x, y := pick(), pick()
		var z *Node
		switch rng.IntN(9) {
		case 0:
			z = Add(x, y)
		case 1:
			z = Sin(x)
		case 2:
			z = GroupNorm(x, gamma, gamma, nil, nil, Norm{Groups: 2, Eps: 1e-3, SiLU: rng.IntN(2) == 0})
		case 3:
			z = Slice(Concat(x, y), 3, 3+c)
		case 4:
			z = Upsample2(MeanPool2(x))
		case 5: // another number of images
			z = Reshape(Scale(Reshape(x, 2*images, side/2, side, c), -1), shape...)
		case 6: // all images at once
			z = Reshape(Linear(Reshape(x, images*side*side, c), w, nil), shape...)
		case 7: // the sum of all images
			whole := Reshape(Sin(Reshape(SumTo(x, 1, 1, side, c), side, c)), side*c)
			z = Add(y, Expand(Reshape(SumTo(Reshape(whole, side, c), c), c), shape...))
		case 8:
			z = Mul(x, Expand(SumTo(y, images, 1, 1, c), shape...))
		}
		nodes = append(nodes, Tanh(z))
		if rng.IntN(10) == 0 {
			outputs = append(outputs, z)
		}
	}
	return in, append(outputs, nodes[len(nodes)-1])
}

// Whether or not operations go image by image together, and values share memory, they give the same bits.
func TestStagesChangeNoBit(t *testing.T) {
	joined := 0
	for seed := range uint64(40) {
		rng := rand.New(rand.NewPCG(seed, 1))
		in, outputs := imageGraph(rng, 3+rng.IntN(25))
		outputs = append(outputs, Grad(Sum(outputs[len(outputs)-1]), in)[0])
		x := noise(size(in.Shape()), seed)
		staged, apart := Compile(outputs...), compile(outputs, planner{})
		if got, want := runTwice(staged, in, x), runTwice(apart, in, x); !sameBits(got, want) {
			t.Fatalf("seed %d: stages change the result", seed)
		}
		for _, s := range staged.stages {
			if s.images > 0 {
				joined += len(s.nodes) - 1
			}
		}
	}
	if joined == 0 {
		t.Error("no operation has joined another")
	}
}

func TestImagesGoThroughAStageTogether(t *testing.T) {
	x := Input("x", 8, 16, 16, 4)
	gamma := Variable(tensor.New(4))
	y := GroupNorm(Add(x, x), gamma, gamma, nil, nil, Norm{Groups: 2, Eps: 1})
	w := Compile(y).NewWorkspace()
	if len(w.run) != 1 || w.run[0].N != 8 {
		t.Errorf("%d tasks, the first of %d pieces, want one of 8", len(w.run), w.run[0].N)
	}
	few := Input("x", manyImages-1, 16, 16, 4)
	if w := Compile(Sin(Sin(few))).NewWorkspace(); len(w.run) != 2 {
		t.Errorf("%d tasks, want 2: there are too few images to keep workers busy", len(w.run))
	}
}

// An argument that is read whole by an operation on images must be all there.
func TestWhatIsReadWholeIsDoneBefore(t *testing.T) {
	const images, c = 8, 2048
	x := Input("x", images, 16, 16, c)
	scale := Input("scale", images, c/images)
	gamma := Reshape(Sin(scale), c) // goes image by image itself
	y := GroupNorm(Add(x, x), gamma, gamma, nil, nil, Norm{Groups: 2, Eps: 1})
	p := Compile(y, Sin(Reshape(gamma, images, c/images)))
	at := map[string]int{}
	for i, s := range p.stages {
		for _, n := range s.nodes {
			at[n.op.name] = max(at[n.op.name], i)
		}
	}
	first := slices.IndexFunc(p.stages, func(s stage) bool {
		return slices.ContainsFunc(s.nodes, func(n *Node) bool { return n.op.name == "sin" })
	})
	if at["groupnorm.coef"] <= first {
		t.Errorf("the coefficients are in stage %d, what they read in %d", at["groupnorm.coef"], first)
	}
}

// What two operations read whole is there until both are done, though the one made later joins an earlier stage.
func TestWhatTwoReadWhole(t *testing.T) {
	const images, c = 8, 2048
	x := Input("x", images, c)
	v := Sin(Slice(x, 0, c/images))
	gamma := Reshape(v, c)
	f := Sin(Transpose(Transpose(x)))
	g := Sin(Transpose(Transpose(f)))
	norm := func(y *Node) *Node {
		return GroupNorm(Reshape(y, images, 1, 1, c), gamma, gamma, nil, nil, Norm{Groups: 1, Eps: 1})
	}
	outputs := []*Node{norm(g), norm(f), Add(v, Slice(g, 0, c/images))} // the sum could take the place of v
	data := noise(images*c, 1)
	if !sameBits(runTwice(Compile(outputs...), x, data), runTwice(compile(outputs, planner{}), x, data)) {
		t.Error("stages change the result")
	}
}

func TestProfileOfAStage(t *testing.T) {
	x := Input("x", 8, 64, 64)
	y := Sin(Exp(x))
	p := Compile(y)
	w := p.NewWorkspace()
	total := make([]time.Duration, 2)
	w.Profile(total)
	if len(p.stages) != 2 || total[0] <= 0 || total[1] <= 0 { // the input is one
		t.Errorf("%d stages, times %v", len(p.stages), total)
	}
}
