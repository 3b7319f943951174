package spdiff

import (
	"context"
	"fmt"

	"spdiff/group"
	"spdiff/nn/features"
	"spdiff/tensor"
	"spdiff/tensor/metrics"
)

// A Tally is what was counted of a part of a [Comparison], or of several: whole numbers mostly, so that the parts together have
// the bits of one run over all. Parts may be made on different machines, in any order; see [MergeTallies].
type Tally struct {
	about      tallyAbout
	runs       []tallyRun          // of each seed
	reference  *metrics.Moments    // of all turned copies; nil where there are statistics, or no sets are compared
	statistics *metrics.Statistics // nil where there are moments
	pieces     map[int]*tallyPiece // of each part that is in
	tells      bool                // for Inv-FID: turned copies of an image were seen to have other features
}

// tallyAbout is what tallies must share to be merged, all of it.
type tallyAbout struct {
	Title                  string
	Features               string
	Dim                    int
	Group                  string
	H, W, C                int
	Samples, References    int
	Seeds, Folds, Kept     int
	Nearest, Restore       int
	NoDistance             bool
	Inverse, Kernel, Cover bool
	Classes, Orientations  int    // that the features tell apart; 0: none
	Oriented               string // the features that Inv-FID is of, if they are others
	OrientedDim            int
	Of                     int // parts
	Seed                   uint64
	First                  int
	How                    string // models are drawn from, and denoise
}

// A tallyRun is what was counted of the samples of a seed.
type tallyRun struct {
	folds        []*metrics.Moments // as they are, image k in fold foldOf(k, their number); nil unless sets are compared
	turned       []*metrics.Moments // moved by each element from tallyAbout.firstTurned on; nil unless Inverse
	classes      []int64
	orientations []int64
}

// A tallyPiece is what a part keeps of single images.
type tallyPiece struct {
	samples   [][]float32 // features, of each seed
	reference []float32   // features of as many images of the reference, each in one of its turned copies
	restored  []restored
	near      []Near
}

// Part returns which parts are in, ascending, and how many there are.
func (t *Tally) Part() (in []int, of int) { return t.order(), t.about.Of }

// Title returns what was compared, as [Comparison] has it.
func (t *Tally) Title() string { return t.about.Title }

// Shape returns rows, columns and channels of the images.
func (t *Tally) Shape() (h, w, c int) { return t.about.H, t.about.W, t.about.C }

func (c *Comparison) newTally() *Tally {
	t := &Tally{about: c.about(), statistics: c.Statistics, pieces: map[int]*tallyPiece{c.Part: {samples: make([][]float32, c.Seeds)}}}
	for range c.Seeds {
		t.runs = append(t.runs, t.about.run())
	}
	t.each(func(_ string, of feature, m **metrics.Moments) error {
		*m = metrics.NewMoments(of.name, of.dim, 0, c.Part, c.Of)
		return nil
	})
	return t
}

// run returns that of a seed, with nothing counted, its moments to be made or read.
func (a tallyAbout) run() tallyRun {
	r := tallyRun{classes: make([]int64, a.Classes), orientations: make([]int64, a.Orientations)}
	if a.sets() {
		r.folds = make([]*metrics.Moments, max(a.Folds, 1))
	}
	if a.Inverse {
		r.turned = make([]*metrics.Moments, a.group().Order()-a.firstTurned())
	}
	return r
}

// firstTurned returns the first element by which samples are moved for Inv-FID: the images as they are have their moments already, but of
// other features where there are Oriented ones.
func (a tallyAbout) firstTurned() int {
	if a.Oriented != "" {
		return 0
	}
	return 1
}

// sets reports whether sets are compared, so that the features of all images are wanted.
func (a tallyAbout) sets() bool { return !a.NoDistance || a.Inverse || a.Kernel || a.Cover }

func (a tallyAbout) group() group.Group {
	g, err := group.Parse(a.Group)
	if err != nil {
		panic(err) // its own name, or one that LoadTally has checked
	}
	return g
}

func (c *Comparison) about() tallyAbout {
	a := tallyAbout{Title: c.Title, Group: c.Group.Name(), Samples: c.samples(),
		References: c.references(), Seeds: c.Seeds, Folds: c.Folds, Kept: c.kept(), Nearest: c.Nearest, Restore: c.Restore,
		NoDistance: c.NoDistance, Inverse: c.Inverse, Kernel: c.Kernel, Cover: c.Cover, Of: c.Of, Seed: c.Sampling.Seed, First: c.Sampling.First, How: c.how()}
	if c.Extractor != nil {
		a.Features, a.Dim = c.Extractor.Name(), c.Extractor.Dim()
	}
	if c.Oriented != nil {
		a.Oriented, a.OrientedDim = c.Oriented.Name(), c.Oriented.Dim()
	}
	a.H, a.W, a.C = c.shape()
	a.Classes, a.Orientations = c.Classes, c.Orientations
	return a
}

// how says all of how a generator is used that changes numbers.
func (c *Comparison) how() string {
	if c.Generator == nil {
		return ""
	}
	text := "drawn " + c.Sampling.how()
	if c.Restore > 0 {
		text += fmt.Sprintf("; degraded %d×, denoised from %v, seed %d, %s", c.Factor, c.Denoising.Start, c.Denoising.Seed, c.Denoising.how())
	}
	return text
}

// countReference adds the features of the reference's images in all their turned copies.
func (c *Comparison) countReference(ctx context.Context, t *Tally) error {
	if c.Reference == nil || !c.sets() {
		return nil
	}
	from, to := c.share(c.Reference.Len())
	return supply(ctx, c.Reference, from, to, func(l lot) error {
		keep := min(max(t.about.Kept-l.first, 0), l.images.Shape()[0])
		held := make([]float32, keep*t.about.Dim)
		look := c.lookAt(ctx, l)
		for a := range c.Group.Order() {
			f, err := look(a)
			if err != nil {
				return err
			}
			if err := t.reference.Add(f); err != nil {
				return err
			}
			for i := range keep {
				if c.copyOf(l.first+i) == a {
					copy(held[i*t.about.Dim:][:t.about.Dim], f.At(i).Data())
				}
			}
		}
		piece := t.pieces[c.Part]
		piece.reference = append(piece.reference, held...)
		c.say("features of the reference", l.first-from+l.images.Shape()[0], to-from)
		return nil
	})
}

// copyOf returns which of the turned copies of an image of the reference is the one whose features are kept.
func (c *Comparison) copyOf(i int) int {
	return tensor.NewStream(0, uint64(i)).Intn(c.Group.Order(), 0)
}

// countSamples adds the features of the samples of a seed.
func (c *Comparison) countSamples(ctx context.Context, t *Tally, k int) error {
	r, piece := &t.runs[k], t.pieces[c.Part]
	from, to := c.share(c.samples())
	return c.supplySamples(ctx, k, func(l lot) error {
		if t.about.sets() {
			f, err := c.addTo(ctx, r, t.about.firstTurned(), l)
			if err != nil {
				return err
			}
			keep := min(max(t.about.Kept-l.first, 0), l.images.Shape()[0])
			piece.samples[k] = append(piece.samples[k], f.Data()[:keep*t.about.Dim]...)
		}
		if err := r.classify(ctx, c.Extractor, l.images); err != nil {
			return err
		}
		if k == 0 {
			piece.near = append(piece.near, c.candidates(l)...)
		}
		c.say("samples", k*(to-from)+l.first-from+l.images.Shape()[0], t.about.Seeds*(to-from))
		return nil
	})
}

// addTo adds the features of a lot to a run, moved by each element from first on where that is asked for, and returns those of the images
// as they are.
func (c *Comparison) addTo(ctx context.Context, r *tallyRun, first int, l lot) (*tensor.Tensor, error) {
	look := c.lookAt(ctx, l)
	f, err := look(0)
	if err != nil {
		return nil, err
	}
	if err := r.add(f, l.first); err != nil {
		return nil, err
	}
	turned := c.turnedAt(ctx, l, look)
	for i, m := range r.turned {
		f, err := turned(first + i)
		if err != nil {
			return nil, err
		}
		if err := m.Add(f); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// foldOf returns in which of n folds image i is. They are of equal size, and each has as many of each class where classes come in turn,
// as generators draw them: by i mod n alone a fold of ten would be a digit, and to leave it out another distribution.
func foldOf(i, n int) int { return (i + i/n) % n }

// add adds rows of features, the first of which is that of image number first, each to its fold.
func (r *tallyRun) add(f *tensor.Tensor, first int) error {
	n := len(r.folds)
	if n == 1 {
		return r.folds[0].Add(f)
	}
	rows, dim := f.Shape()[0], f.Shape()[1]
	for j := range r.folds {
		var x []float32
		for i := range rows {
			if foldOf(first+i, n) == j {
				x = append(x, f.At(i).Data()...)
			}
		}
		if len(x) == 0 {
			continue
		}
		if err := r.folds[j].Add(tensor.From(x, len(x)/dim, dim)); err != nil {
			return err
		}
	}
	return nil
}

// classify counts of what classes and how turned images are, as far as that was asked for.
func (r *tallyRun) classify(ctx context.Context, e features.Extractor, images *tensor.Tensor) error {
	if len(r.classes) > 0 {
		labels, err := e.(features.Classifier).Classify(ctx, images)
		if err := count(r.classes, labels, err); err != nil {
			return fmt.Errorf("classes by %s: %w", e.Name(), err)
		}
	}
	if len(r.orientations) > 0 {
		labels, err := e.(features.Orienter).Orientation(ctx, images)
		if err := count(r.orientations, labels, err); err != nil {
			return fmt.Errorf("orientations by %s: %w", e.Name(), err)
		}
	}
	return nil
}

// count adds labels, unless there was an error.
func count(counts []int64, labels []int, err error) error {
	for _, k := range labels {
		if k < 0 || k >= len(counts) {
			return incomparable("label %d; there are %d", k, len(counts))
		}
		counts[k]++
	}
	return err
}
