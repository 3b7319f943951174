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

// turnedAt returns one that gives those that Inv-FID is of: look's, unless it has features of its own.
func (c *Comparison) turnedAt(ctx context.Context, l lot, look func(a int) (*tensor.Tensor, error)) func(a int) (*tensor.Tensor, error) {
	if c.Oriented == nil {
		return look
	}
	return func(a int) (*tensor.Tensor, error) { return c.Oriented.Of(ctx, c.moved(l.images, a)) }
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
// image of the reference, or of a ramp where there is none. For Inv-FID it reports whether some turned copy of that image has others.
func (c *Comparison) checkFeatures(ctx context.Context) (tells bool, err error) {
	if c.Extractor == nil {
		return false, nil
	}
	l, err := c.witness()
	if err != nil {
		return false, err
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
	if err := c.checkInvariant(ctx, l.images); err != nil || !c.Inverse {
		return false, err
	}
	return c.tells(ctx, l.images)
}

// checkInvariant returns an error if features that are said to be invariant are not, of an image.
func (c *Comparison) checkInvariant(ctx context.Context, image *tensor.Tensor) error {
	f, err := c.Extractor.Of(ctx, image)
	if err != nil {
		return err
	}
	for a, same := range fixed(c.Group, c.Invariant) {
		if !same || a == 0 {
			continue
		}
		moved, err := c.Extractor.Of(ctx, c.moved(image, a))
		if err != nil {
			return err
		}
		if !slices.Equal(f.Data(), moved.Data()) {
			return incomparable("%s is said to be invariant under %v, and is not under %s", c.Extractor.Name(), c.Invariant, c.Group.ElementName(a))
		}
	}
	return nil
}

// tells reports whether some turned copy of an image has other features than the image, of those that Inv-FID is of.
func (c *Comparison) tells(ctx context.Context, image *tensor.Tensor) (bool, error) {
	e := c.inverseBy()
	f, err := e.Of(ctx, image)
	if err != nil {
		return false, err
	}
	for a := 1; a < c.Group.Order(); a++ {
		turned, err := e.Of(ctx, c.moved(image, a))
		if err != nil || !slices.Equal(f.Data(), turned.Data()) {
			return err == nil, err
		}
	}
	return false, nil
}

// inverseBy returns the extractor of the features that Inv-FID is of.
func (c *Comparison) inverseBy() features.Extractor {
	if c.Oriented != nil {
		return c.Oriented
	}
	return c.Extractor
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
