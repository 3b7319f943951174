package fd

import (
	"context"

	"spdiff/autodiff"
	"spdiff/nn/features"
	"spdiff/tensor"
)

// inOneRun is how many images run at a time.
const inOneRun = 16

// A network is a program that has all there is to say of an image, the features first.
type network struct {
	name    string
	shape   tensor.Shape // of an image
	want    string       // in words
	dim     int
	program *features.Program
}

func newNetwork(name, label, want string, dim int, in, out *autodiff.Node) network {
	return network{name + "/" + label, in.Shape()[1:], want, dim, features.NewProgram(in, out)}
}

// Name is the network's kind and the beginning of its weights' SHA-256.
func (n *network) Name() string { return n.name }

// Dim returns how many features an image has.
func (n *network) Dim() int { return n.dim }

// Of returns the features (N, Dim) of images (N, H, W, C). See [features.Extractor] for contract and errors.
func (n *network) Of(ctx context.Context, images *tensor.Tensor) (*tensor.Tensor, error) {
	all, err := n.all(ctx, images)
	if err != nil {
		return nil, err
	}
	return columns(all, 0, n.dim), nil
}

// all returns what the program says of images.
func (n *network) all(ctx context.Context, images *tensor.Tensor) (*tensor.Tensor, error) {
	s := images.Shape()
	if len(s) != 4 || !n.shape.Equal(s[1:]) {
		panic(&features.ImagesError{Network: n.name, Shape: s, Want: n.want})
	}
	if err := features.CheckFinite(images); err != nil {
		return nil, err
	}
	return n.program.Of(ctx, s[0], func(x []float32, i int) { copy(x, images.At(i).Data()) })
}

// columns returns columns from … to−1 of x.
func columns(x *tensor.Tensor, from, to int) *tensor.Tensor {
	rows, all := x.Shape()[0], x.Shape()[1]
	z := tensor.New(rows, to-from)
	for i := range rows {
		copy(z.Data()[i*(to-from):], x.Data()[i*all+from:i*all+to])
	}
	return z
}

// largest returns the place of the largest of v, the first of those that are equal.
func largest(v []float32) int {
	at := 0
	for i := range v {
		if v[i] > v[at] {
			at = i
		}
	}
	return at
}

// whole returns a network of weights that come with the program.
func whole[N any](n *N, err error) *N {
	if err != nil {
		panic(err) // the package is broken
	}
	return n
}
