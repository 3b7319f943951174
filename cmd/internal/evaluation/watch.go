package evaluation

import (
	"context"
	"strings"

	"spdiff"
	"spdiff/group"
	"spdiff/tensor/metrics"
)

// A Watch measures a model while it is trained: the distance of so many samples, of one seed, from a reference whose statistics are
// computed once.
type Watch struct {
	network   Network
	reference *metrics.Statistics
	group     group.Group
	sampling  spdiff.Sampling

	Best float64 // the lowest distance of a model that is kept; negative before the first. Who keeps one sets it
}

// NewWatch returns the watch of models of such images. Its samples are few and drawn in few steps, so its distances compare with
// each other, and not with those of papers.
func NewWatch(ctx context.Context, n Network, reference spdiff.Source, g group.Group, s spdiff.Sampling) (*Watch, error) {
	w := &Watch{network: n, group: g, sampling: s, Best: -1}
	var err error
	w.reference, err = spdiff.Comparison{Reference: reference, Extractor: n, Group: g, Invariant: n.Invariant}.Against(ctx)
	return w, err
}

// Name returns the name of the distance, "FD-digits".
func (w *Watch) Name() string { return w.network.Distance }

// Scalar returns the name of the distance as logs have it, "fd_digits" or "fid".
func (w *Watch) Scalar() string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == '/' {
			return '_'
		}
		return r
	}, strings.ToLower(w.network.Distance))
}

// At returns the distance of what a model draws, and whether it is better than Best.
func (w *Watch) At(ctx context.Context, g spdiff.Generator) (distance float64, better bool, err error) {
	q, err := spdiff.Evaluate(ctx, spdiff.Comparison{Generator: g, Sampling: w.sampling, Statistics: w.reference, Extractor: w.network})
	if err != nil {
		return 0, false, err
	}
	return q.FD, w.Best < 0 || q.FD < w.Best, nil
}
