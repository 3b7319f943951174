package autodiff

import (
	"slices"
	"testing"

	"spdiff/tensor"
)

// A batched is an operation on batches, whose result for an image may depend on
// that image alone.
type batched struct {
	name  string
	args  []tensor.Shape          // of one image; the batch comes before it
	fill  func(image int) []any   // instead of noise: one []float32 or nil for each argument
	build func(x []*Node) []*Node // results, the batch first
}

// grads returns z and the gradients by x of an arbitrary scalar of it.
func grads(z *Node, x ...*Node) []*Node {
	return append(VJP(z, Sin(z), x...), z)
}

var batchedOps = []batched{
	{
		name: "conv", args: []tensor.Shape{{9, 11, 5}},
		build: func(x []*Node) []*Node {
			return grads(Conv(x[0], noiseNode(1, 9, 5, 19), noiseNode(2, 19), tensor.Dense(3, 3)), x...)
		},
	},
	{
		name: "conv, tied", args: []tensor.Shape{{9, 11, 5}},
		build: func(x []*Node) []*Node {
			return grads(Conv(x[0], noiseNode(1, 3, 5, 19), noiseNode(2, 19), tied3x3), x...)
		},
	},
	{
		name: "linear", args: []tensor.Shape{{33}},
		build: func(x []*Node) []*Node { return grads(Linear(x[0], noiseNode(1, 33, 18), noiseNode(2, 18)), x...) },
	},
	{
		name: "groupnorm", args: []tensor.Shape{{20, 24, 32}, {32}, {32}},
		build: func(x []*Node) []*Node {
			n := Norm{Groups: 8, Eps: 1e-5, SiLU: true}
			return grads(GroupNorm(x[0], noiseNode(1, 32), noiseNode(2, 32), x[1], x[2], n), x...)
		},
	},
	{
		name: "groupnorm, large images", args: []tensor.Shape{{40, 40, 64}},
		build: func(x []*Node) []*Node {
			n := Norm{Groups: 32, Eps: 1e-5}
			return grads(GroupNorm(x[0], noiseNode(1, 64), noiseNode(2, 64), nil, nil, n), x...)
		},
	},
	{
		name: "attention", args: []tensor.Shape{{67, 3 * 24}},
		build: func(x []*Node) []*Node { return grads(Attention(x[0], 12, plainKeys(67)), x...) },
	},
	{
		name: "meanpool2", args: []tensor.Shape{{8, 6, 5}},
		build: func(x []*Node) []*Node { return grads(MeanPool2(x[0]), x...) },
	},
	{
		name: "upsample2", args: []tensor.Shape{{8, 6, 5}},
		build: func(x []*Node) []*Node { return grads(Upsample2(x[0]), x...) },
	},
	{
		name: "embedding", args: []tensor.Shape{{}},
		fill:  func(image int) []any { return []any{[]float32{float32(image * 5 % 7)}} },
		build: func(x []*Node) []*Node { return []*Node{Embedding(x[0], noiseNode(1, 7, 6))} },
	},
	{
		name: "timestepembedding", args: []tensor.Shape{{}},
		build: func(x []*Node) []*Node { return grads(TimestepEmbedding(x[0], 10), x...) },
	},
	{
		name: "dropout", args: []tensor.Shape{{13, 41, 3}, {2}},
		fill:  func(image int) []any { return []any{nil, []float32{float32(image), float32(image * image)}} },
		build: func(x []*Node) []*Node { return grads(Dropout(x[0], x[1], 7, 0.3), x[0]) },
	},
}

// The bits of an image's results depend neither on the size of the batch nor on
// the place in it.
func TestImagesAreIndependent(t *testing.T) {
	for _, c := range batchedOps {
		t.Run(c.name, func(t *testing.T) {
			alone := map[int][][]float32{}
			for image := range 19 {
				alone[image] = c.run([]int{image})
			}
			batches := [][]int{{4, 1}, {2, 3, 0}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18}}
			for _, images := range batches {
				for o, got := range c.run(images) {
					n := len(got) / len(images)
					for i, image := range images {
						if !sameBits(got[i*n:(i+1)*n], alone[image][o]) {
							t.Fatalf("result %d: image %d has other bits at place %d of %d than alone", o, image, i, len(images))
						}
					}
				}
			}
			if slices.Equal(alone[0][len(alone[0])-1], alone[1][len(alone[0])-1]) {
				t.Error("two images have one result: the test sees nothing")
			}
		})
	}
}

// run returns the results for a batch of images.
func (c *batched) run(images []int) [][]float32 {
	var in []*Node
	for _, s := range c.args {
		in = append(in, Input("x", append([]int{len(images)}, s...)...))
	}
	out := c.build(in)
	w := Compile(out...).NewWorkspace()
	for i, x := range in {
		if n, ok := w.value[x]; ok {
			per := len(n) / len(images)
			for j, image := range images {
				copy(n[j*per:(j+1)*per], c.sample(i, image, per))
			}
		}
	}
	w.Prepare()
	w.Run()
	var got [][]float32
	for _, n := range out {
		got = append(got, slices.Clone(w.Output(n)))
	}
	return got
}

// sample returns argument i of an image.
func (c *batched) sample(i, image, n int) []float32 {
	if c.fill != nil {
		if x, ok := c.fill(image)[i].([]float32); ok {
			return x
		}
	}
	return normalNoise(n, uint64(100*image+i))
}
