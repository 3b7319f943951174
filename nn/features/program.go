package features

import (
	"context"
	"fmt"

	"spdiff/autodiff"
	"spdiff/tensor"
)

// A Program computes features by a graph. It has one workspace, for which its callers take turns, batch by batch: since a run has
// all workers, more workspaces would take memory and save no time.
type Program struct {
	in, out *autodiff.Node
	turn    chan *autodiff.Workspace // holds the workspace while nobody runs it
}

// NewProgram compiles the graph from the input in (N, …), N the images of a batch, to the features out (N, Dim). Variables must not
// change any more.
func NewProgram(in, out *autodiff.Node) *Program {
	p := &Program{in, out, make(chan *autodiff.Workspace, 1)}
	w := autodiff.Compile(out).NewWorkspace()
	w.Prepare()
	p.turn <- w
	return p
}

// Of returns the features (n, Dim) of n images; fill sets x, of the shape of in for one image, to the network's input for image i,
// and is called for several images at once. It ends with the error of [tensor.Stopped] after the batch during which ctx ends.
func (p *Program) Of(ctx context.Context, n int, fill func(x []float32, i int)) (*tensor.Tensor, error) {
	batch, dim := p.in.Shape()[0], p.out.Shape()[1]
	z := tensor.New(n, dim)
	for at := 0; at < n; at += batch {
		if err := p.batch(ctx, z.Data()[at*dim:min(at+batch, n)*dim], at, fill); err != nil {
			return nil, fmt.Errorf("features: %d of %d images are done: %w", at, n, err)
		}
	}
	return z, nil
}

// batch computes the features z of images from number at on.
func (p *Program) batch(ctx context.Context, z []float32, at int, fill func(x []float32, i int)) error {
	if err := tensor.Stopped(ctx); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return tensor.Stopped(ctx)
	case w := <-p.turn:
		defer func() { p.turn <- w }()
		x := w.Input(p.in)
		len1 := len(x) / p.in.Shape()[0]
		tensor.Run(tensor.Task{N: len(z) / p.out.Shape()[1], Do: func(i, _ int) { fill(x[i*len1:(i+1)*len1], at+i) }})
		w.Run()
		copy(z, w.Output(p.out))
		return nil
	}
}
