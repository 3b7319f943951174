package spdiff

import (
	"context"
	"slices"

	"spdiff/group"
	"spdiff/nn/features"
	"spdiff/tensor"
)

// lookAt returns a function that gives the features of a lot moved by an element of the group, computed once where they are
// invariant.
func (c *Comparison) lookAt(ctx context.Context, l lot) func(a int) (*tensor.Tensor, error) {
	var kept *tensor.Tensor
	same := fixed(c.Group, c.Invariant)
	return func(a int) (*tensor.Tensor, error) {
		if kept != nil && same[a] {
			return kept, nil
		}
		f, err := c.Extractor.Of(ctx, c.moved(l.images, a))
		if a == 0 {
			kept = f
		}
		return f, err
	}
}

// fixed reports which elements of g are elements of h: as maps of pixels, for their numbers differ.
func fixed(g, h group.Group) []bool {
	const side = 4 // where no two elements do the same
	in := make([]bool, g.Order())
	for a := range in {
		for b := range h.Order() {
			same := g.Acts(side, side) == nil && slices.Equal(g.Permutation(a, side, side), h.Permutation(b, side, side))
			in[a] = in[a] || same
		}
	}
	return in
}

// checkFeatures returns an error if the features are not of such images, or those that are said to be invariant are not, of the first
// image of the reference, or of a ramp where there is none.
func (c *Comparison) checkFeatures(ctx context.Context) (err error) {
	if c.Extractor == nil {
		return nil
	}
	l, err := c.witness()
	if err != nil {
		return err
	}
	defer func() {
		if p := recover(); p != nil {
			misfit, is := p.(*features.ImagesError)
			if !is {
				panic(p)
			}
			err = incomparable("%v", misfit)
		}
	}()
	f, err := c.Extractor.Of(ctx, l.images)
	if err != nil {
		return err
	}
	for a, same := range fixed(c.Group, c.Invariant) {
		if !same || a == 0 {
			continue
		}
		moved, err := c.Extractor.Of(ctx, c.moved(l.images, a))
		if err != nil {
			return err
		}
		if !slices.Equal(f.Data(), moved.Data()) {
			return incomparable("%s is said to be invariant under %v, and is not under %s", c.Extractor.Name(), c.Invariant, c.Group.ElementName(a))
		}
	}
	return nil
}

// witness returns the image that invariance is checked on.
func (c *Comparison) witness() (lot, error) {
	if c.Reference != nil {
		h, w, channels := c.Reference.Shape()
		l := newLot(0, 1, h, w, channels)
		return l, l.read(c.Reference)
	}
	h, w, channels := c.shape()
	l := newLot(0, 1, h, w, channels)
	x := l.images.Data()
	for i := range x {
		x[i] = 2*float32(i)/float32(len(x)) - 1
	}
	return l, nil
}
