package metrics

import (
	"fmt"
	"slices"
)

// A PartError says which parts do not make one set, and why.
type PartError struct {
	Feature string
	Reason  string
}

// Error names the features and the reason.
func (e *PartError) Error() string { return "metrics: parts of " + e.Feature + ": " + e.Reason }

// Merge returns the moments of the parts of one set together, which have the bits of those of one run over the whole. Features
// of other names, lengths or grids, sets cut into other numbers of parts, and a part that comes twice are a *[PartError].
func Merge(parts ...*Moments) (*Moments, error) {
	sum, err := total(parts)
	if err != nil {
		return nil, err
	}
	sum.about.Of, sum.about.Parts = parts[0].about.Of, nil
	for _, p := range parts {
		if p.about.Of != sum.about.Of {
			return nil, &PartError{p.about.Feature, fmt.Sprintf("one is of %d parts, another of %d", sum.about.Of, p.about.Of)}
		}
		sum.about.Parts = append(sum.about.Parts, p.about.Parts...)
	}
	slices.Sort(sum.about.Parts)
	for i, p := range sum.about.Parts[1:] {
		if p == sum.about.Parts[i] {
			return nil, &PartError{sum.about.Feature, fmt.Sprintf("part %d of %d comes twice", p, sum.about.Of)}
		}
	}
	return sum, nil
}

// Pool returns the moments of several sets as one: of the turned copies of a set, those of its orbit, which are what the paper's
// code takes as the reference. Each set must have all of its parts, else the error is a *[PartError].
func Pool(sets ...*Moments) (*Moments, error) {
	sum, err := total(sets)
	if err != nil {
		return nil, err
	}
	for _, s := range sets {
		if len(s.about.Parts) != s.about.Of {
			return nil, &PartError{s.about.Feature, fmt.Sprintf("only %v of %d are there; merge them first", s.about.Parts, s.about.Of)}
		}
	}
	return sum, nil
}

// PooledStatistics returns the statistics of several sets as one. Errors are those of [Pool] and of [Moments.Statistics].
func PooledStatistics(sets ...*Moments) (*Statistics, error) {
	whole, err := Pool(sets...)
	if err != nil {
		return nil, err
	}
	return whole.Statistics()
}

// total adds moments of the same features.
func total(all []*Moments) (*Moments, error) {
	if len(all) == 0 {
		return nil, &PartError{"no features", "there is none"}
	}
	about := all[0].about
	about.Images, about.Of, about.Parts = 0, 1, []int{0}
	for _, m := range all {
		if o := m.about; o.Feature != about.Feature || o.Dim != about.Dim || o.Grid != about.Grid {
			return nil, &PartError{about.Feature, fmt.Sprintf("%d numbers on grid %d do not go with %d of %q on grid %d",
				about.Dim, about.Grid, o.Dim, o.Feature, o.Grid)}
		}
		if about.Images += m.about.Images; about.Images > maxImages {
			return nil, &PartError{about.Feature, fmt.Sprintf("more than %d images together", int64(maxImages))}
		}
	}
	sum := emptyMoments(about)
	for _, m := range all {
		m.settle()
		for i, v := range m.sums {
			sum.sums[i] += v
		}
		for i, v := range m.products {
			sum.products[i] = sum.products[i].plus(v)
		}
	}
	return sum, nil
}
