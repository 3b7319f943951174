package metrics

import (
	"context"
	"slices"
)

// An InverseFrechet says how far the statistics of a set's turned copies are from each other, the paper's Inv-FID: 0 where the
// set is as likely as its copies.
type InverseFrechet struct {
	Largest   float64     // over all pairs
	I, J      int         // the first pair that is so far apart, I < J
	Pairs     [][]float64 // Pairs[i][j], symmetric
	Deficient []*DeficientError
}

// InverseDistance returns the largest Fréchet distance among statistics of κ(D), one for each κ of the group, over all pairs,
// 6 for C4 and 28 for D4. It asks ctx before each. It is the paper's definition; the paper's code for D4 leaves the mirror image
// itself out of the eight and gives the remaining pairs' largest, which is this function of the other seven. Errors are ctx's, those
// of [Distance], or a *[ShapeError] where there are fewer than two.
func InverseDistance(ctx context.Context, copies []*Statistics) (InverseFrechet, error) {
	n := len(copies)
	if n < 2 {
		return InverseFrechet{}, misfit("Inv-FID", "of %d statistics; one for each element of the group is wanted, 2 at least", n)
	}
	b, err := distances(copies)
	if err != nil {
		return InverseFrechet{}, err
	}
	z := InverseFrechet{J: 1, Pairs: make([][]float64, n), Deficient: b.deficient()}
	for i := range n {
		z.Pairs[i] = make([]float64, n)
	}
	for i := range n {
		for j := i + 1; j < n; j++ {
			d, err := b.asked(ctx, i, j)
			if err != nil {
				return InverseFrechet{}, err
			}
			z.Pairs[i][j], z.Pairs[j][i] = d, d
			if d > z.Largest {
				z.Largest, z.I, z.J = d, i, j
			}
		}
	}
	return z, nil
}

// asked is pair, unless ctx says no.
func (b *between) asked(ctx context.Context, i, j int) (float64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	return b.pair(i, j)
}

// ReferenceSpread returns the largest less the smallest distance of the copies from a reference: the other measure in the
// paper's code. Errors are as those of [InverseDistance].
func ReferenceSpread(ctx context.Context, reference *Statistics, copies []*Statistics) (float64, error) {
	if len(copies) == 0 {
		return 0, misfit("spread of FID", "there are no statistics")
	}
	b, err := distances(append([]*Statistics{reference}, copies...))
	if err != nil {
		return 0, err
	}
	var all []float64
	for i := range copies {
		d, err := b.asked(ctx, 0, i+1)
		if err != nil {
			return 0, err
		}
		all = append(all, d)
	}
	return slices.Max(all) - slices.Min(all), nil
}
