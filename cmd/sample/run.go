package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"spdiff"
	"spdiff/asm"
	"spdiff/cmd/internal/cli"
	"spdiff/cmd/internal/grid"
	"spdiff/cmd/internal/progress"
	"spdiff/sde"
	"spdiff/tensor"
	"spdiff/tensor/npy"
)

// run is the command: read the flags, load the model, draw, write.
func run(ctx context.Context, args []string) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	tensor.SetWorkers(o.threads)
	m, err := spdiff.Load(o.model)
	if err != nil {
		return err
	}
	for _, path := range []string{o.out, o.trajectory} {
		if err := place(path); err != nil {
			return err
		}
	}
	c := m.Config()
	fmt.Printf("sample: %d images of %v from %s (%s over %v, %.2f million parameters), %s, %d steps, seed %d, %d threads, %s, into %s\n",
		o.n, tensor.Shape{c.Network.ImageHeight, c.Network.ImageWidth, c.Network.Out}, o.model, c.Method, c.Group,
		float64(m.Parameters())/1e6, o.solver, o.steps, o.seed, tensor.Workers(), asm.ISA(), o.out)
	way := newStrip(o, c)
	start := time.Now()
	p := progress.New(os.Stdout, progress.Goal{Steps: (o.n + o.batch - 1) / o.batch * o.steps})
	z, err := m.Sample(ctx, o.sampling(way, p))
	p.Clear()
	if err != nil {
		return err
	}
	took := time.Since(start).Seconds()
	if err := o.write(z); err != nil {
		return err
	}
	fmt.Printf("made:   %s, %.1f s, %.1f images a second\n", o.out, took, float64(o.n)/took)
	return way.write(o.trajectory)
}

// sampling returns what to draw. The progress counts evaluations, as -steps does.
func (o *options) sampling(way *strip, p *progress.Progress) spdiff.Sampling {
	s := spdiff.Sampling{N: o.n, Reversal: spdiff.Reversal{First: o.first, Seed: o.seed, Steps: o.steps, Solver: o.method.Make(o.settings), Batch: o.batch}}
	if o.class >= 0 {
		s.Classes = []int{o.class}
	}
	s.Trace = func(images []int, step sde.Snapshot) {
		way.add(images, step)
		batch := (images[0] - o.first) / o.batch
		p.Update(batch*o.steps+step.Done*o.steps/step.Of, "")
	}
	return s
}

// write writes images to what the name says: .png a grid, .npz numbers, else a folder.
func (o *options) write(z *tensor.Tensor) error {
	s := z.Shape()
	switch strings.ToLower(filepath.Ext(o.out)) {
	case ".png":
		return grid.Write(o.out, z.Data(), s[0], s[1], s[2], s[3])
	case ".npz":
		return npy.WriteArchive(o.out, map[string]*tensor.Tensor{"images": z})
	}
	return writeSingles(o.out, o.name, z)
}

// place returns an error if nothing can be written at path: before the work, not after it.
func place(path string) error {
	folder := filepath.Dir(path)
	switch {
	case path == "":
		return nil
	case filepath.Ext(path) == "":
		folder = path
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return fmt.Errorf("-out %s: %w", path, err)
		}
	}
	if err := cli.Writable(folder); err != nil {
		return fmt.Errorf("%s cannot be written: %w; make the folder, or name another", path, err)
	}
	return nil
}

// writeSingles writes images to files of their numbers, the first of which is first.
func writeSingles(folder string, first int, z *tensor.Tensor) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	s := z.Shape()
	for i := range s[0] {
		if err := grid.WriteSingle(filepath.Join(folder, fmt.Sprintf("%06d.png", first+i)), z.At(i).Data(), s[1], s[2], s[3]); err != nil {
			return err
		}
	}
	return nil
}

// A strip collects the way of the first images from noise to image.
type strip struct {
	rows, columns int
	first         int
	h, w, c       int
	images        []float32 // rows × columns images; made at the first step, which knows how many there are
}

// newStrip returns nil if none is wanted.
func newStrip(o *options, c spdiff.Config) *strip {
	if o.trajectory == "" {
		return nil
	}
	n := c.Network
	return &strip{rows: min(o.n, o.batch, 8), first: o.first, h: n.ImageHeight, w: n.ImageWidth, c: n.Out}
}

// add keeps the state after a step, if it is one of those shown: the last step is, and others at equal distances.
func (s *strip) add(images []int, step sde.Snapshot) {
	if s == nil || images[0] != s.first {
		return
	}
	size := s.h * s.w * s.c
	if s.images == nil {
		s.columns = min(step.Of, 12)
		s.images = make([]float32, s.rows*s.columns*size)
	}
	column := step.Done*s.columns/step.Of - 1
	if column < 0 || (step.Done-1)*s.columns/step.Of-1 == column {
		return
	}
	for row := range s.rows {
		copy(s.images[(row*s.columns+column)*size:][:size], step.X[row*size:])
	}
}

func (s *strip) write(path string) error {
	if s == nil {
		return nil
	}
	if err := grid.WriteRows(path, s.images, s.rows, s.columns, s.h, s.w, s.c); err != nil {
		return err
	}
	fmt.Printf("made:   %s, the first %d images from noise to image\n", path, s.rows)
	return nil
}
