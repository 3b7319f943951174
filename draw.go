package spdiff

import (
	"fmt"

	"spdiff/sde"
	"spdiff/tensor"
)

// A feeder makes the batches of a training. Draw number d, the j-th image of step s with d = s·Batch + j, is a function of
// the configuration, the source and d alone, so a training can go on from any step with no other memory.
type feeder struct {
	config  Config
	source  Source
	process sde.Process
	h, w, c int

	orders  [2]epoch       // the orders of two epochs: a batch may have images of both
	room    [2][][]float32 // of each place in the batch: images on their way
	errs    []error
	step    int
	batch   *batch
	drawing []tensor.Task
}

// A batch is what a training step takes.
type batch struct {
	x      []float32 // noisy images (N, H, W, C)
	t      []float32 // 1000 times their times (N)
	class  []float32 // (N), nil if there are none
	target []float32 // what is to be predicted, x₀ or ε
	key    []float32 // of the dropout (N, 2), nil if there is none
}

// An epoch is the order in which an epoch shows the images.
type epoch struct {
	number int
	images []int
}

func newFeeder(c Config, s Source) *feeder {
	f := &feeder{config: c, source: s, process: c.process(), errs: make([]error, c.Batch)}
	f.h, f.w, f.c = s.Shape()
	f.orders = [2]epoch{{number: -1}, {number: -1}}
	for k := range f.room {
		for range c.Batch {
			f.room[k] = append(f.room[k], make([]float32, f.h*f.w*f.c))
		}
	}
	f.drawing = []tensor.Task{{N: c.Batch, Do: func(j, _ int) { f.errs[j] = f.draw(j) }}}
	return f
}

// fill makes the batch of a step.
func (f *feeder) fill(b *batch, step int) error {
	f.batch, f.step = b, step
	n, first := f.source.Len(), step*f.config.Batch
	for e := first / n; e <= (first+f.config.Batch-1)/n; e++ {
		f.shuffle(e)
	}
	tensor.Run(f.drawing...)
	for _, err := range f.errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// shuffle makes the order of epoch e, if it is not there. A source so small that a batch spans more than two epochs has
// all its orders made anew each time.
func (f *feeder) shuffle(e int) {
	if o := &f.orders[e%2]; o.number != e {
		*o = epoch{e, order.stream(f.config.Seed, uint64(e)).Perm(f.source.Len())}
	}
}

// image returns which image draw d shows.
func (f *feeder) image(d int) int {
	e, at := d/f.source.Len(), d%f.source.Len()
	if o := f.orders[e%2]; o.number == e {
		return o.images[at]
	}
	return order.stream(f.config.Seed, uint64(e)).Perm(f.source.Len())[at]
}

// draw makes place j of the batch.
func (f *feeder) draw(j int) error {
	d := f.step*f.config.Batch + j
	i := f.image(d)
	x0, eps := f.room[0][j], f.room[1][j]
	class, err := f.source.Image(x0, i)
	if err != nil {
		return fmt.Errorf("image %d of the source: %w", i, err)
	}
	if err := f.setClass(j, i, class); err != nil {
		return err
	}
	if f.config.Rotate {
		x0, eps = f.turn(x0, eps, turned.stream(f.config.Seed, uint64(i)))
	}
	if f.config.Augment {
		x0, eps = f.turn(x0, eps, augment.stream(f.config.Seed, uint64(d)))
	}
	f.diffuse(j, uint64(d), x0, eps)
	return nil
}

// turn moves x to y by a random element of the group, and returns them exchanged.
func (f *feeder) turn(x, y []float32, s tensor.Stream) (moved, free []float32) {
	f.config.Group.Act(y, x, s.Intn(f.config.Group.Order(), 0), 1, f.h, f.w, f.c)
	return y, x
}

// diffuse draws a time and noise, and sets place j to the noisy image and what is to be predicted of it.
func (f *feeder) diffuse(j int, d uint64, x0, eps []float32) {
	b, n := f.batch, len(x0)
	x, target := b.x[j*n:(j+1)*n], b.target[j*n:(j+1)*n]
	t := b.t[j : j+1]
	instant.stream(f.config.Seed, d).Uniform(t, 0)
	noise.stream(f.config.Seed, d).Normal(eps, 0)
	sde.Diffuse(f.process, x, x0, eps, float64(t[0]))
	t[0] *= 1000
	if f.config.Predict == Image {
		copy(target, x0)
	} else {
		copy(target, eps)
	}
	if b.key != nil {
		var u [2]uint32
		drops.stream(f.config.Seed, d).Uint32(u[:], 0)
		b.key[2*j], b.key[2*j+1] = float32(u[0]>>8), float32(u[1]>>8)
	}
}

// setClass sets the class of place j, or returns an error if the network does not know it.
func (f *feeder) setClass(j, i, class int) error {
	if f.batch.class == nil {
		return nil
	}
	if n := f.config.Network.Classes; class < 0 || class >= n {
		return &SourceError{fmt.Sprintf("image %d is of class %d; the network knows 0 to %d", i, class, n-1)}
	}
	f.batch.class[j] = float32(class)
	return nil
}
