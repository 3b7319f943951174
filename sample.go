package spdiff

import (
	"context"
	"fmt"

	"spdiff/sde"
	"spdiff/tensor"
)

// A Sampling says which images to draw and how. The zero value of each field stands for what its comment says.
type Sampling struct {
	N       int        // how many images; 0: one
	First   int        // the number of the first: images First … First+N−1 of the seed
	Seed    uint64     // of the noise
	Steps   int        // evaluations of the network, on the grid that sde.Grid gives the method; 0: 50
	Solver  sde.Solver // nil: sde.DDIM{Eta: 1}, the ancestral chain: better than η = 0 after a short training
	Classes []int      // image k is of class Classes[k mod len]; nil: of class k mod the number of classes
	Batch   int        // images at a time, which bounds the memory; 0: 32

	// Trace, if not nil, is called after each step of each batch, with the numbers of its images.
	Trace func(images []int, s sde.Snapshot)
}

// withDefaults returns s with the zero values replaced, or an error that says what makes no sense.
func (s Sampling) withDefaults(c Config) (Sampling, error) {
	set := func(v *int, zero int) {
		if *v == 0 {
			*v = zero
		}
	}
	set(&s.N, 1)
	set(&s.Steps, 50)
	set(&s.Batch, 32)
	if s.Solver == nil {
		s.Solver = sde.DDIM{Eta: 1}
	}
	if s.N < 0 || s.First < 0 || s.Steps < 0 || s.Batch < 0 {
		return s, fmt.Errorf("sampling: %d images from number %d in %d steps, %d at a time: none may be negative", s.N, s.First, s.Steps, s.Batch)
	}
	if s.N > maxDraws || s.First > maxDraws-s.N {
		return s, fmt.Errorf("sampling: %d images from number %d: numbers go up to %d", s.N, s.First, maxDraws)
	}
	classes := c.Network.Classes
	for _, k := range s.Classes {
		if k < 0 || k >= classes {
			return s, fmt.Errorf("sampling: class %d: the model was trained with %d classes, numbered from 0", k, classes)
		}
	}
	if err := c.checkSolver(s.Solver); err != nil {
		return s, fmt.Errorf("sampling: %w", err)
	}
	if s.Classes == nil {
		for k := range classes {
			s.Classes = append(s.Classes, k)
		}
	}
	return s, nil
}

// Sample draws images, (N, H, W, C) with values in [−1, 1]: noise at time 1, moved to time 0 along the reverse of the
// diffusion (eq. 3) by s.Method. Image k of a seed is the same image, bit for bit, whatever N, First, Batch, the number of
// threads and the instruction set.
//
// It returns ctx's error if it is cancelled between steps, an *sde.NotFiniteError if the network's output is not finite, and a
// *MemoryError if the images, or a batch on its way, do not fit into the machine.
func (m *Model) Sample(ctx context.Context, s Sampling) (*tensor.Tensor, error) {
	s, err := s.withDefaults(m.config)
	if err != nil {
		return nil, err
	}
	c := m.config.Network
	if err := enough(float64(s.N)*float64(c.ImageHeight)*float64(c.ImageWidth)*float64(c.Out), "a result of %d images (draw fewer at a time)", s.N); err != nil {
		return nil, err
	}
	z := tensor.New(s.N, c.ImageHeight, c.ImageWidth, c.Out)
	size := z.Len() / s.N
	for at := 0; at < s.N; at += s.Batch {
		n := min(s.Batch, s.N-at)
		images := make([]int, n)
		for i := range images {
			images[i] = s.First + at + i
		}
		if err := m.sampleBatch(ctx, s, z.Data()[at*size:(at+n)*size], images); err != nil {
			return nil, err
		}
	}
	return z, nil
}

// sampleBatch draws the images of these numbers into x.
func (m *Model) sampleBatch(ctx context.Context, s Sampling, x []float32, images []int) error {
	p, err := m.program(len(images))
	if err != nil {
		return err
	}
	w := p.workspace()
	defer p.free.Put(w)
	sampler := sde.Sampler{Process: m.config.process(), Solver: s.Solver, Times: sde.Grid(m.config.process(), s.Solver, s.Steps), Noise: sde.Seeded(s.Seed)}
	if s.Trace != nil {
		sampler.Trace = func(step sde.Snapshot) { s.Trace(images, step) }
	}
	var classes []int
	for _, k := range images {
		if len(s.Classes) > 0 {
			classes = append(classes, s.Classes[k%len(s.Classes)])
		}
	}
	return sampler.Generate(ctx, m.denoiser(p, w, classes), x, images)
}
