package spdiff

import (
	"context"

	"spdiff/tensor/metrics"
)

// Against returns the statistics of the reference alone, in all its turned copies, for later comparisons with the same: the
// Reference, Extractor, Group and Invariant of c count, and its Progress. Errors are those of [Evaluate].
func (c Comparison) Against(ctx context.Context) (*metrics.Statistics, error) {
	if c.Reference == nil || c.Extractor == nil {
		return nil, incomparable("a Reference and an Extractor must be given")
	}
	c = Comparison{Images: c.Reference, Reference: c.Reference, Extractor: c.Extractor, Group: c.Group, Invariant: c.Invariant, Progress: c.Progress}
	c, err := c.settled()
	if err != nil {
		return nil, err
	}
	if _, err := c.checkFeatures(ctx); err != nil {
		return nil, err
	}
	t := c.newTally()
	if err := c.countReference(ctx, t); err != nil {
		return nil, err
	}
	return t.Reference()
}
