package spdiff

import (
	"context"
	"errors"
	"fmt"

	"spdiff/sde"
	"spdiff/tensor"
)

// evaluated is how many images are read, and their features computed, at a time.
const evaluated = 256

// A lot is some images of a set, one after another.
type lot struct {
	first   int            // the number of the first
	images  *tensor.Tensor // (N, H, W, C)
	classes []int          // of each
}

// newLot returns one of n images.
func newLot(first, n, h, w, c int) lot { return lot{first, tensor.New(n, h, w, c), make([]int, n)} }

// supply calls do with the images from … to−1 of a source, a lot at a time.
func supply(ctx context.Context, s Source, from, to int, do func(lot) error) error {
	h, w, c := s.Shape()
	for at := from; at < to; at += evaluated {
		if err := sde.Stopped(ctx); err != nil {
			return err
		}
		l := newLot(at, min(evaluated, to-at), h, w, c)
		if err := l.read(s); err != nil {
			return err
		}
		if err := do(l); err != nil {
			return err
		}
	}
	return nil
}

// read sets the images, and checks them.
func (l lot) read(s Source) error {
	errs := make([]error, len(l.classes))
	tensor.Run(tensor.Task{N: len(errs), Do: func(i, _ int) {
		x := l.images.At(i).Data()
		if l.classes[i], errs[i] = s.Image(x, l.first+i); errs[i] == nil {
			errs[i] = checkFinite(x)
		}
	}})
	for i, err := range errs {
		if err != nil {
			return fmt.Errorf("image %d: %w", l.first+i, err)
		}
	}
	return nil
}

func checkFinite(x []float32) error {
	if p := notFinite(x); p >= 0 {
		return fmt.Errorf("number %d is %v; images are of finite numbers", p, x[p])
	}
	return nil
}

// drawn calls do with the samples from … to−1 of a generator's, a lot at a time; their numbers count from s.First.
func drawn(ctx context.Context, g Generator, s Sampling, from, to int, do func(lot) error) error {
	if from == to {
		return nil
	}
	h, w, c := g.Shape()
	first := s.First
	s.N, s.First = to-from, first+from
	l := newLot(from, min(evaluated, to-from), h, w, c)
	for d, err := range g.Samples(ctx, s) {
		if err != nil {
			return err
		}
		if err := checkFinite(d.Pixels.Data()); err != nil {
			return fmt.Errorf("sample %d: %w", d.Number, err)
		}
		i := d.Number - first - l.first
		copy(l.images.At(i).Data(), d.Pixels.Data())
		if l.classes[i] = d.Class; i+1 < len(l.classes) {
			continue
		}
		if err := do(l); err != nil {
			return err
		}
		if l.first += i + 1; l.first < to {
			l = newLot(l.first, min(evaluated, to-l.first), h, w, c)
		}
	}
	return nil
}

// supplySamples calls do with the part's samples of the seed in place k, a lot at a time.
func (c *Comparison) supplySamples(ctx context.Context, k int, do func(lot) error) error {
	from, to := c.share(c.samples())
	if c.Generator == nil {
		return supply(ctx, c.Images, from, to, do)
	}
	s := c.Sampling
	s.Seed += uint64(k)
	return drawn(ctx, c.Generator, s, from, to, do)
}

// readable reads all images that the part needs once, so that a file that is cut short, or a class that the model has not, is an error
// before the work begins.
func (c *Comparison) readable(ctx context.Context) error {
	if c.Images != nil {
		from, to := c.share(c.Images.Len())
		if err := c.readOnce(ctx, "samples", c.Images, from, to, func(lot) error { return nil }); err != nil {
			return err
		}
	}
	if c.Reference == nil {
		return nil
	}
	from, to := c.share(c.Reference.Len())                   // whose features are wanted
	if first, _ := c.share(c.samples()); first < c.Nearest { // the nearest of all are looked for
		from, to = 0, c.Reference.Len()
	} else if !c.sets() {
		to = from
	}
	if err := c.readOnce(ctx, "reference", c.Reference, from, to, c.checkClasses); err != nil {
		return err
	}
	first, end := c.share(c.Restore) // which are denoised
	if from <= first && end <= to {
		return nil
	}
	return c.readOnce(ctx, "reference", c.Reference, first, end, c.checkClasses)
}

// checkClasses returns an error if images are denoised as of their own class and the model does not have that class.
func (c *Comparison) checkClasses(l lot) error {
	m, ok := c.Generator.(restorer)
	if !ok || m.Classes() == 0 || len(c.Denoising.Classes) > 0 {
		return nil
	}
	first, end := c.share(c.Restore)
	for i, class := range l.classes {
		if k := l.first + i; k >= first && k < end && (class < 0 || class >= m.Classes()) {
			return incomparable("image %d of the reference is of class %d, and the model that denoises it knows 0 to %d; say others in Denoising.Classes",
				k, class, m.Classes()-1)
		}
	}
	return nil
}

// readOnce reads the images from … to−1 of a source, and checks each lot.
func (c *Comparison) readOnce(ctx context.Context, what string, s Source, from, to int, check func(lot) error) error {
	err := supply(ctx, s, from, to, func(l lot) error {
		c.say("reading the "+what, l.first-from+l.images.Shape()[0], to-from)
		return check(l)
	})
	var own *ComparisonError // which says of what it is
	if err != nil && !errors.As(err, &own) {
		return fmt.Errorf("%s: %w", what, err)
	}
	return err
}

func (c *Comparison) say(what string, done, of int) {
	if c.Progress != nil {
		c.Progress(what, done, of)
	}
}

// moved returns the images moved by an element of the group.
func (c *Comparison) moved(x *tensor.Tensor, a int) *tensor.Tensor {
	if a == 0 {
		return x
	}
	s, z := x.Shape(), tensor.New(x.Shape()...)
	c.Group.Act(z.Data(), x.Data(), a, s[0], s[1], s[2], s[3])
	return z
}
