package spdiff

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"spdiff/group"
	"spdiff/sde"
	"spdiff/tensor"
	"spdiff/tensor/metrics"
)

// A Quality is how near samples are to a reference. Members that were not asked for are nil. Where there are several seeds, each
// number but FDLow, FDHigh and FDAll is the mean over them. In JSON the names are those of the command evaluate.
type Quality struct {
	*Frechet // nil, so that its members must not be read, where there is NoDistance

	InvFD     *float64 `json:"inv_fd,omitempty"`      // the largest distance between two of the samples' turned copies
	InvFDCode *float64 `json:"inv_fd_code,omitempty"` // the same as the paper's code has it: under D4 without the mirror image s
	Spread    *float64 `json:"spread,omitempty"`      // the largest less the smallest distance of a turned copy from the reference, by the same features as FD

	InvFeatures string `json:"inv_features,omitempty"` // the name of the network of InvFD, where that is another one; then there is no Spread

	KID      *float64 `json:"kid,omitempty"`       // the kernel distance, unbiased: it may be negative
	KIDError *float64 `json:"kid_error,omitempty"` // its standard error, of the draw of subsets

	Precision *float64 `json:"precision,omitempty"`
	Recall    *float64 `json:"recall,omitempty"`

	Classes      []metrics.Proportion `json:"classes,omitempty"`      // the shares of classes among the samples, of all seeds
	Orientations []metrics.Proportion `json:"orientations,omitempty"` // and of orientations

	Residual *float64  `json:"delta_x0,omitempty"` // Δx₀
	Before   *Fidelity `json:"before,omitempty"`   // of degraded images
	After    *Fidelity `json:"after,omitempty"`    // of what the model makes of them
	Restored int       `json:"restored,omitempty"` // how many there are

	Copied *int   `json:"copied,omitempty"` // how many of the samples in Near are copies of images of the reference
	Near   []Near `json:"-"`

	N         int      `json:"n"`           // samples of a seed
	Reference int      `json:"reference_n"` // images of the reference, without their turned copies, but with those of statistics; 0 if not known
	Features  string   `json:"features"`    // the name of the network
	Warnings  []string `json:"warnings,omitempty"`
}

// A Frechet is the distance of two sets of images.
type Frechet struct {
	FD     float64   `json:"fd"`                // the squared Fréchet distance of the features, FID where they are Inception's
	FDLow  float64   `json:"fd_low"`            // the lowest of the seeds, or the lower end of 95 % by the jackknife, 0 at least
	FDHigh float64   `json:"fd_high"`           // the highest, or the upper end; equal to FD where there is neither
	FDAll  []float64 `json:"fd_all"`            // of each seed
	Bias   *float64  `json:"fd_bias,omitempty"` // what the jackknife estimates that FD is too large by, for its number of samples
}

// Quality returns the numbers of a tally of all parts; if parts are missing the error says which. With many features it takes
// minutes; ctx is checked between distances. If it is done, the error matches ctx's error and its cause (errors.Is).
func (t *Tally) Quality(ctx context.Context) (Quality, error) {
	q, err := t.quality(ctx)
	if err != nil && ctx.Err() != nil {
		err = sde.Stopped(ctx)
	}
	return q, err
}

func (t *Tally) quality(ctx context.Context) (Quality, error) {
	if err := t.complete(); err != nil {
		return Quality{}, err
	}
	q := Quality{N: t.about.Samples, Reference: t.about.References, Features: t.about.Features}
	if t.statistics != nil {
		q.Reference = t.statistics.Images
	}
	if t.about.sets() {
		if err := t.sets(ctx, &q); err != nil {
			return q, err
		}
	}
	if err := t.proportions(&q); err != nil {
		return q, err
	}
	t.single(&q)
	return q, nil
}

// sets sets what is measured of sets of features.
func (t *Tally) sets(ctx context.Context, q *Quality) error {
	reference, err := t.Reference()
	if err != nil {
		return err
	}
	for _, measure := range []func(context.Context, *Quality, *metrics.Statistics) error{t.distances, t.inverse, t.manifolds} {
		if err := measure(ctx, q, reference); err != nil {
			return err
		}
	}
	return nil
}

// Reference returns the statistics of the reference, for later comparisons and for other programs.
func (t *Tally) Reference() (*metrics.Statistics, error) {
	if err := t.complete(); err != nil {
		return nil, err
	}
	if t.statistics != nil {
		return t.statistics, nil
	}
	if t.reference == nil {
		return nil, incomparable("no sets were compared, so the reference has no statistics; measure a distance")
	}
	return t.reference.Statistics()
}

// order returns the parts that are in, ascending.
func (t *Tally) order() (in []int) {
	for p := range t.pieces {
		in = append(in, p)
	}
	slices.Sort(in)
	return in
}

// complete returns an error that says which parts are missing, if any is.
func (t *Tally) complete() error {
	var missing []int
	for p := range t.about.Of {
		if t.pieces[p] == nil {
			missing = append(missing, p)
		}
	}
	if len(missing) > 0 {
		return incomparable("parts %v of %d are missing; make them, and merge all", missing, t.about.Of)
	}
	return nil
}

// distances sets the Fréchet distances and their interval.
func (t *Tally) distances(ctx context.Context, q *Quality, reference *metrics.Statistics) error {
	if t.about.NoDistance {
		return nil
	}
	q.Frechet = new(Frechet)
	for k, r := range t.runs {
		if err := ctx.Err(); err != nil {
			return err
		}
		fd, err := distance(r.folds, reference, func(d *metrics.DeficientError) {
			if k == 0 {
				q.warn(d)
			}
		})
		if err != nil {
			return err
		}
		q.FDAll = append(q.FDAll, fd)
	}
	s, err := metrics.OverSeeds(q.FDAll)
	if err != nil {
		return err
	}
	q.FD, q.FDLow, q.FDHigh = s.Mean, s.Lowest, slices.Max(q.FDAll)
	if t.about.Folds > 0 {
		return t.jackknife(ctx, q, reference)
	}
	return nil
}

// distance returns that of disjoint sets together from a reference.
func distance(sets []*metrics.Moments, reference *metrics.Statistics, warn func(*metrics.DeficientError)) (float64, error) {
	s, err := metrics.PooledStatistics(sets...)
	if err != nil {
		return 0, err
	}
	d, err := metrics.Distance(s, reference)
	for _, e := range d.Deficient {
		warn(e)
	}
	return d.Distance, err
}

// jackknife sets the interval of the one seed.
func (t *Tally) jackknife(ctx context.Context, q *Quality, reference *metrics.Statistics) error {
	jack, err := metrics.JackknifeSets(q.FD, t.runs[0].folds, func(s *metrics.Statistics) (float64, error) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		d, err := metrics.Distance(s, reference)
		return d.Distance, err
	})
	if err != nil {
		return err
	}
	reach, bias := jack.Reach(), jack.Whole-jack.Corrected
	q.FDLow, q.FDHigh, q.Bias = max(0, q.FD-reach), q.FD+reach, &bias
	return nil
}

// inverse sets Inv-FID, as the paper defines it and as its code has it.
func (t *Tally) inverse(ctx context.Context, q *Quality, reference *metrics.Statistics) error {
	if !t.about.Inverse || t.about.group().Order() < 2 {
		return nil
	}
	var all, code, spread []float64
	for k, r := range t.runs {
		copies, err := t.copies(r)
		if err != nil {
			return err
		}
		d, err := metrics.InverseDistance(ctx, copies)
		if err != nil {
			return err
		}
		all, code = append(all, d.Largest), append(code, t.codes(d))
		if k == 0 {
			q.warn(d.Deficient...)
		}
		if t.about.Oriented != "" { // of which the reference's statistics are not
			continue
		}
		s, err := metrics.ReferenceSpread(ctx, reference, copies)
		if err != nil {
			return err
		}
		spread = append(spread, s)
	}
	q.InvFD, q.InvFDCode, q.Spread, q.InvFeatures = average(all), average(code), average(spread), t.about.Oriented
	if *q.InvFD == 0 && !t.tells {
		q.Warnings = append(q.Warnings, fmt.Sprintf("inv_fd is 0: %s gives turned copies the same features, or the samples have all their turned copies; "+
			"features that turn with the images can tell, as digits-oriented, cells-oriented and Inception's", cmp.Or(t.about.Oriented, t.about.Features)))
	}
	return nil
}

// warn warns of covariances that are not of full rank, once of each.
func (q *Quality) warn(all ...*metrics.DeficientError) {
	for _, d := range all {
		if text := d.Error(); !slices.Contains(q.Warnings, text) {
			q.Warnings = append(q.Warnings, text)
		}
	}
}

// copies returns the statistics of the samples moved by each element.
func (t *Tally) copies(r tallyRun) (copies []*metrics.Statistics, err error) {
	all := r.turned
	if t.about.Oriented == "" {
		whole, err := metrics.Pool(r.folds...)
		if err != nil {
			return nil, err
		}
		all = append([]*metrics.Moments{whole}, r.turned...)
	}
	for _, m := range all {
		s, err := m.Statistics()
		if err != nil {
			return nil, err
		}
		copies = append(copies, s)
	}
	return copies, nil
}

// codes returns the largest distance as the paper's code has it, which leaves D4's mirror image itself out.
func (t *Tally) codes(d metrics.InverseFrechet) (largest float64) {
	g := t.about.group()
	left := func(a int) bool { return g == group.D4 && g.ElementName(a) == "s" }
	for i, row := range d.Pairs {
		for j, v := range row {
			if !left(i) && !left(j) {
				largest = max(largest, v)
			}
		}
	}
	return largest
}

// manifolds sets kernel distance, precision and recall, of the features that were kept.
func (t *Tally) manifolds(ctx context.Context, q *Quality, _ *metrics.Statistics) error {
	if t.about.Kept == 0 {
		return nil
	}
	real := t.gather(func(p *tallyPiece) []float32 { return p.reference })
	var kid, kidError, precision, recall []float64
	for k := range t.runs {
		if err := ctx.Err(); err != nil {
			return err
		}
		drawn := t.gather(func(p *tallyPiece) []float32 { return p.samples[k] })
		if t.about.Kernel {
			d, err := metrics.Kernel{}.Distance(drawn, real)
			if err != nil {
				return err
			}
			kid, kidError = append(kid, d.Mean), append(kidError, d.Error)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if t.about.Cover {
			m, err := metrics.PrecisionRecall(real, drawn, nearestOf)
			if err != nil {
				return err
			}
			precision, recall = append(precision, m.Precision), append(recall, m.Recall)
		}
	}
	q.KID, q.KIDError, q.Precision, q.Recall = average(kid), average(kidError), average(precision), average(recall)
	return nil
}

// gather joins the rows of all parts, in order.
func (t *Tally) gather(of func(*tallyPiece) []float32) *tensor.Tensor {
	var all []float32
	for _, p := range t.order() {
		all = append(all, of(t.pieces[p])...)
	}
	return tensor.From(all, len(all)/t.about.Dim, t.about.Dim)
}

// proportions sets the shares of classes and orientations, of all seeds together.
func (t *Tally) proportions(q *Quality) (err error) {
	sum := func(n int, of func(tallyRun) []int64) ([]metrics.Proportion, error) {
		if n == 0 {
			return nil, nil
		}
		all := make([]int64, n)
		for _, r := range t.runs {
			for k, count := range of(r) {
				all[k] += count
			}
		}
		return metrics.Proportions(all)
	}
	if q.Classes, err = sum(t.about.Classes, func(r tallyRun) []int64 { return r.classes }); err != nil {
		return fmt.Errorf("classes: %w", err)
	}
	q.Orientations, err = sum(t.about.Orientations, func(r tallyRun) []int64 { return r.orientations })
	return err
}

// single sets what is measured of single images: denoising, and copies.
func (t *Tally) single(q *Quality) {
	var all []restored
	for _, p := range t.order() {
		all = append(all, t.pieces[p].restored...)
		q.Near = append(q.Near, t.pieces[p].near...)
	}
	if len(q.Near) > 0 {
		copied := 0
		for _, n := range q.Near {
			if n.Copied() {
				copied++
			}
		}
		q.Copied = &copied
	}
	if q.Restored = len(all); len(all) == 0 {
		return
	}
	residual := 0.0
	for _, r := range all {
		residual += r.residual
	}
	residual /= float64(len(all))
	before, after := fidelity(all, func(r restored) [3]float64 { return r.before }), fidelity(all, func(r restored) [3]float64 { return r.after })
	q.Residual, q.Before, q.After = &residual, &before, &after
}

// average returns the mean of some values, nil if there are none.
func average(values []float64) *float64 {
	if len(values) == 0 {
		return nil
	}
	s := 0.0
	for _, v := range values {
		s += v
	}
	s /= float64(len(values))
	return &s
}
