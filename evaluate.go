package spdiff

import "context"

// Evaluate measures how far samples are from a reference, as a [Comparison] says: Fréchet distances of features, Inv-FID, kernel
// distances, precision and recall, copies of training images, and what a model makes of degraded ones. The numbers are a function
// of the images and the settings: batches, parts and threads do not change a bit, and the distance of a set from itself
// is exactly 0. The distances do not depend on the order of images; a jackknife's folds and comparisons of single images go by their
// numbers. Images are read or drawn in batches, so memory does not grow with their number, except for the features that
// Kernel and Cover keep.
//
// It returns a [*ComparisonError] for what does not fit, and a [*MemoryError] if there is no room for what is held at once, before the
// work; the error of a source, of whose images all that are needed are read once beforehand; a generator's; or ctx's.
func Evaluate(ctx context.Context, c Comparison) (Quality, error) {
	t, err := Measure(ctx, c)
	if err != nil {
		return Quality{}, err
	}
	return t.Quality(ctx)
}

// Measure counts what a [Comparison] asks for, of all images or of those of its part: the work of [Evaluate] but for the numbers
// at its end, which [Tally.Quality] makes of all parts together. Errors are those of Evaluate.
func Measure(ctx context.Context, c Comparison) (*Tally, error) {
	c, err := c.settled()
	if err != nil {
		return nil, err
	}
	if err := c.readable(ctx); err != nil {
		return nil, err
	}
	tells, err := c.checkFeatures(ctx)
	if err != nil {
		return nil, err
	}
	t := c.newTally()
	t.tells = tells
	if err := c.countReference(ctx, t); err != nil {
		return nil, err
	}
	for k := range c.Seeds {
		if err := c.countSamples(ctx, t, k); err != nil {
			return nil, err
		}
	}
	if err := c.findNearest(ctx, t.pieces[c.Part].near); err != nil {
		return nil, err
	}
	return t, c.restore(ctx, t)
}
