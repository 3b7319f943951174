package spdiff

import (
	"spdiff/group"
	"spdiff/tensor"
	"spdiff/tensor/warp"
)

// A feed gives a training its images, batch after batch: which image of the source each place shows, its class, and the element
// of a group that has moved it. Draw number d, place j of step s with d = s·batch + j, is a function of the source, the
// settings and d alone, so a training can go on from any step with no other memory. What becomes of the images a feed does not
// know: any kind of model can be trained on it.
type feed struct {
	feeding
	h, w, c int
	reader  *reader

	images   []float32 // of the batch, (N, H, W, C), moved
	class    []int
	elements []int                  // that have moved them
	labels   [][warp.Labels]float32 // of the moves; nil if there are none
	still    []float32              // the images before them
	step     int                    // whose they are
	moving   []tensor.Task
}

// A feeding says how a feed reads its source.
type feeding struct {
	seed    uint64
	batch   int
	classes int         // that an image may have; 0: any will do
	group   group.Group // whose elements move images
	rotate  bool        // one random element for each image of the source, once and for all
	augment bool        // a fresh random element at each draw
	warp    float64     // the probability of each of package warp's moves, after that
}

// feeding returns that of a configuration which is resolved.
func (c Config) feeding() feeding {
	return feeding{c.Seed, c.Batch, c.Network.Classes, c.Group, c.Rotate, c.Augment == On, c.Augmentation}
}

func newFeed(f feeding, s Source) *feed {
	h, w, c := s.Shape()
	z := &feed{feeding: f, h: h, w: w, c: c, reader: newReader(f, s),
		images: make([]float32, f.batch*h*w*c), class: make([]int, f.batch), elements: make([]int, f.batch)}
	if f.warp > 0 {
		z.labels, z.still = make([][warp.Labels]float32, f.batch), make([]float32, len(z.images))
	}
	z.moving = []tensor.Task{{N: f.batch, Do: func(j, _ int) { z.move(j) }}}
	return z
}

// fill makes the batch of a step, and begins to read the images of the next, if there are draws for one.
func (f *feed) fill(step int) error {
	if err := f.reader.get(step); err != nil {
		return err
	}
	f.step = step
	tensor.Run(f.moving...)
	if step+1 < maxDraws/f.batch {
		f.reader.start(step + 1)
	}
	return nil
}

// draw returns the number of the draw at place j.
func (f *feed) draw(j int) uint64 { return uint64(f.step*f.batch + j) }

// image returns that of place j.
func (f *feed) image(j int) []float32 {
	n := f.h * f.w * f.c
	return f.images[j*n : (j+1)*n]
}

// move makes place j of the batch.
func (f *feed) move(j int) {
	a := 0
	if f.rotate {
		a = f.element(turned.stream(f.seed, uint64(f.reader.images[j])))
	}
	if f.augment {
		a = f.group.Mul(f.element(augment.stream(f.seed, f.draw(j))), a)
	}
	f.class[j], f.elements[j] = f.reader.class[j], a
	image := f.image(j)
	f.group.Act(image, f.reader.pixels[j], a, 1, f.h, f.w, f.c)
	if f.warp > 0 {
		n := len(image)
		still := f.still[j*n : (j+1)*n]
		copy(still, image)
		m := warp.Draw(warps.stream(f.seed, f.draw(j)), f.warp, f.h, f.w)
		warp.Warp(image, still, m, f.h, f.w, f.c)
		f.labels[j] = m.Labels
	}
}

// element returns a random element of the group.
func (f *feed) element(s tensor.Stream) int { return s.Intn(f.group.Order(), 0) }
