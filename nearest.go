package spdiff

import (
	"context"

	"spdiff/tensor"
	"spdiff/tensor/metrics"
)

// A Near is a sample and the image of the reference that is nearest to it, in Euclidean distance of the pixels, over all turned
// copies: is it a copy of a training image?
type Near struct {
	Sample   []float32 // its pixels
	Nearest  []float32 // those of the image, turned as the sample is
	Number   int       // of the sample
	Index    int       // of the image
	Element  int       // of the group: the sample, moved by it, is that near
	Distance float64   // to it
	Second   float64   // to the next nearest image of the reference
}

// memorised is the ratio of the distances to the nearest and to the next image below which a sample counts as a copy: Yoon and
// others, Diffusion Probabilistic Models Generalize when They Fail to Memorize, 2023.
const memorised = 1.0 / 3

// Copied reports whether the sample is a copy: its nearest image is less than a third as far as the next one, or the same.
func (n Near) Copied() bool { return n.Distance == 0 || n.Distance < memorised*n.Second }

// candidates returns the samples of a lot whose nearest images are wanted.
func (c *Comparison) candidates(l lot) (near []Near) {
	for i := range l.images.Shape()[0] {
		if l.first+i < c.Nearest {
			near = append(near, Near{Sample: l.images.At(i).Data(), Number: l.first + i, Index: -1})
		}
	}
	return near
}

// findNearest looks for the nearest images of samples, in the whole reference.
func (c *Comparison) findNearest(ctx context.Context, near []Near) error {
	if len(near) == 0 {
		return nil
	}
	h, w, channels := c.shape()
	query := tensor.New(len(near), h, w, channels)
	for i, n := range near {
		copy(query.At(i).Data(), n.Sample)
	}
	orbit := metrics.Orbit{Order: c.Group.Order(), Act: func(z, x []float32, a int) { c.Group.Act(z, x, a, 1, h, w, channels) }}
	return supply(ctx, c.Reference, 0, c.Reference.Len(), func(l lot) error {
		found, err := metrics.Nearest(query, l.images, min(2, l.images.Shape()[0]), orbit)
		if err != nil {
			return err
		}
		for i := range near {
			for _, n := range found[i] {
				if near[i].take(n, l.first) {
					image := l.images.At(n.Index)
					near[i].Nearest = c.moved(tensor.From(image.Data(), 1, h, w, channels), c.Group.Inverse(n.Element)).Clone().Data()
				}
			}
		}
		c.say("nearest images", l.first+l.images.Shape()[0], c.Reference.Len())
		return nil
	})
}

// take notes an image of a lot, and reports whether it is the nearest so far. Of images as near the first counts.
func (n *Near) take(found metrics.Neighbour, first int) bool {
	switch {
	case n.Index < 0 || found.Distance < n.Distance:
		if n.Second = n.Distance; n.Index < 0 {
			n.Second = -1 // there is none yet
		}
		n.Index, n.Element, n.Distance = first+found.Index, found.Element, found.Distance
		return true
	case n.Second < 0 || found.Distance < n.Second:
		n.Second = found.Distance
	}
	return false
}
