package spdiff

import (
	"fmt"

	"spdiff/group"
	"spdiff/nn/features"
	"spdiff/tensor"
	"spdiff/tensor/metrics"
)

// A Comparison says which images are compared with which, by what features, and what is measured. The samples are those that a
// Generator draws, or the Images of a Source; the zero value of each other field stands for what its comment says.
type Comparison struct {
	Generator Generator // draws the samples, Sampling.N of them from Sampling.First on
	Sampling  Sampling  // how; N is 2 or more for what compares sets, all distances, precision and recall; 0: one
	Seeds     int       // sets of samples, of the seeds Sampling.Seed, Sampling.Seed+1, …; 0: one
	Images    Source    // the samples, where there is no Generator

	Reference  Source              // what they are compared with
	Statistics *metrics.Statistics // all that is known of the reference, where there is no Source
	Extractor  features.Extractor  // of their features; nil where nothing that is asked for has any
	Group      group.Group         // each image of the reference counts in all its turned copies, as in the paper's code

	// Invariant is a group under which the features of an image are those of its turned copies, to the bit: then they are not
	// computed again. The zero value is the trivial group. It is checked on the first image of the reference, on a ramp where that is
	// statistics alone.
	Invariant group.Group

	// Oriented is the extractor of the features that Inv-FID is of, where those of Extractor do not change as images turn, so that it would
	// be 0 whatever the samples are; nil: Extractor.
	Oriented features.Extractor

	Classes      int // the shares of so many classes, where the Extractor is a features.Classifier; 0: none
	Orientations int // the shares of so many orientations, where it is a features.Orienter; 0: none

	NoDistance bool // leave the Fréchet distance out; where nothing else compares sets either, neither samples nor features of all are made
	Inverse    bool // Inv-FID as well, of a Group that has turned copies
	Kernel     bool // the kernel distance (KID); keeps the features of the samples and of as many images of the reference
	Cover      bool // precision and recall, of the same features
	Folds      int  // disjoint parts of the samples for a jackknife of the distance, where there is one seed; 0: none
	Nearest    int  // for how many of the first samples to look for the nearest image of the reference; 0: none

	Restore   int       // how many of the first images of the reference are degraded and denoised, by a Generator that can; 0: none
	Factor    int       // the resolution that they are degraded by, see Degrade; 0: 4, the paper's
	Denoising Denoising // how; without Classes, those of the images are used; First is ignored: an image's number is its place

	Title    string // what the samples and the reference are, for who reads a Tally; tallies of other titles do not merge
	Part, Of int    // do part number Part, from 0, of Of; 0 of 0: the whole

	// Progress, if not nil, is called as the work goes on, with what it is and how much of it is done.
	Progress func(what string, done, of int)
}

// A ComparisonError says why there is nothing to compare: found before the work begins.
type ComparisonError struct{ Reason string }

// Error gives the reason.
func (e *ComparisonError) Error() string { return "evaluation: " + e.Reason }

func incomparable(format string, a ...any) error {
	return &ComparisonError{fmt.Sprintf(format, a...)}
}

// maxShare bounds what a Comparison may ask for in numbers of images, maxParts its parts and seeds, and maxFeatures the numbers of an
// image's features.
const (
	maxShare    = 1 << 28
	maxParts    = 1 << 16
	maxFeatures = 1 << 16
	nearestOf   = 3 // neighbours that precision and recall look at
)

// withDefaults returns c with the zero values replaced.
func (c Comparison) withDefaults() Comparison {
	if c.Of == 0 && c.Part == 0 {
		c.Of = 1
	}
	if c.Seeds == 0 {
		c.Seeds = 1
	}
	if c.Factor == 0 {
		c.Factor = 4
	}
	if c.Generator != nil && c.Sampling.N == 0 {
		c.Sampling.N = 1
	}
	return c
}

// settled returns c with its defaults, or an error that says what does not fit.
func (c Comparison) settled() (Comparison, error) {
	c = c.withDefaults()
	least := 1
	if c.sets() {
		least = 2
	}
	switch {
	case (c.Generator == nil) == (c.Images == nil):
		return c, incomparable("either a Generator or Images must be given")
	case c.Extractor == nil && (c.sets() || c.shares()):
		return c, incomparable("there is no Extractor")
	case !c.sets() && !c.shares() && c.Nearest == 0 && c.Restore == 0:
		return c, incomparable("nothing is to be measured")
	case c.Inverse && c.Group.Order() < 2:
		return c, incomparable("Inv-FID is of turned copies, and the Group %v has none; name another, or leave Inverse out", c.Group)
	case (c.Reference == nil) == (c.Statistics == nil):
		return c, incomparable("either a Reference or its Statistics must be given")
	case c.Of < 1 || c.Of > maxParts || c.Part < 0 || c.Part >= c.Of:
		return c, incomparable("part %d of %d; parts are numbered from 0", c.Part, c.Of)
	case c.Seeds < 1 || c.Seeds > maxParts || c.Folds < 0 || c.Folds > maxParts:
		return c, incomparable("%d seeds and %d folds; seeds are from 1, folds from 0, to %d", c.Seeds, c.Folds, maxParts)
	case c.Folds == 1:
		return c, incomparable("one fold; a jackknife leaves one out of two or more")
	case c.Seeds > 1 && c.Generator == nil:
		return c, incomparable("%d seeds of images that are there already: they have none", c.Seeds)
	case c.samples() < least || c.samples() > maxShare:
		return c, incomparable("%d samples; from %d to %d can be compared", c.samples(), least, maxShare)
	case c.Nearest < 0 || c.Restore < 0 || c.Factor < 1:
		return c, incomparable("Nearest, Restore and Factor are %d, %d and %d; they must not be negative", c.Nearest, c.Restore, c.Factor)
	}
	if c.Reference != nil {
		c.Restore = min(c.Restore, c.Reference.Len())
	}
	if err := c.checkKinds(); err != nil {
		return c, err
	}
	if !c.Inverse {
		c.Oriented = nil
	}
	if c.Seeds > 1 || c.NoDistance || c.Folds > c.samples()/2 {
		c.Folds = 0
	}
	if err := c.checkDimensions(); err != nil {
		return c, err
	}
	if c.Nearest = min(c.Nearest, c.samples()); !c.sets() && !c.shares() {
		c.drawNearest()
	}
	for _, check := range []func() error{c.checkReference, c.checkDrawing, c.checkRestoring, c.checkMemory} {
		if err := check(); err != nil {
			return c, err
		}
	}
	return c, nil
}

// sets is that of the tally, before there is one.
func (c *Comparison) sets() bool {
	return tallyAbout{NoDistance: c.NoDistance, Inverse: c.Inverse, Kernel: c.Kernel, Cover: c.Cover}.sets()
}

// drawNearest leaves no more samples than those whose nearest images are wanted.
func (c *Comparison) drawNearest() {
	c.Seeds, c.Sampling.N = 1, c.Nearest
	if c.Images != nil {
		c.Images = Limit(c.Images, c.Nearest)
	}
}

// shares reports whether all samples are told apart.
func (c *Comparison) shares() bool { return c.Classes > 0 || c.Orientations > 0 }

// checkDrawing asks a model or a GAN whether it can draw as it is told to, and whether there is room for a batch.
func (c *Comparison) checkDrawing() error {
	g, ok := c.Generator.(interface {
		settled(Sampling) (Sampling, error)
		fits(n int, p Precision) error
	})
	if !ok {
		return nil
	}
	s, err := g.settled(c.Sampling)
	if err == nil {
		err = g.fits(min(s.Batch, c.inPart(c.samples())), s.Precision)
	}
	if err != nil {
		return fmt.Errorf("samples: %w", err)
	}
	return nil
}

// checkRestoring asks a model whether it can denoise as it is told to, and whether there is room for a batch.
func (c *Comparison) checkRestoring() error {
	m, ok := c.Generator.(restorer)
	if !ok || c.Restore < 1 {
		return nil
	}
	d := c.Denoising
	d.First = 0 // as all images' places are from 0 on
	d, _, err := m.restoring(d, c.Restore)
	if err == nil {
		err = m.fits(min(d.Batch, restoredAt, c.inPart(c.Restore)), d.Precision)
	}
	if err != nil {
		return fmt.Errorf("denoising: %w", err)
	}
	return nil
}

// checkKinds checks that the features tell what is to be counted.
func (c *Comparison) checkKinds() error {
	_, classifier := c.Extractor.(features.Classifier)
	_, orienter := c.Extractor.(features.Orienter)
	if min(c.Classes, c.Orientations) < 0 || max(c.Classes, c.Orientations) > maxParts {
		return incomparable("shares of %d classes and %d orientations; they are from 0 to %d", c.Classes, c.Orientations, maxParts)
	}
	if c.Classes > 0 && !classifier || c.Orientations > 0 && !orienter {
		return incomparable("shares of %d classes and %d orientations: %s does not tell them", c.Classes, c.Orientations, c.Extractor.Name())
	}
	return nil
}

// checkDimensions checks how many features an image has, and that there are enough of them.
func (c *Comparison) checkDimensions() error {
	if !c.sets() {
		return nil
	}
	for _, e := range []features.Extractor{c.Extractor, c.inverseBy()} {
		if d := e.Dim(); d < 1 || d > maxFeatures {
			return incomparable("%s has %d features; from 1 to %d can be compared", e.Name(), d, maxFeatures)
		}
	}
	if n := c.kept(); c.Cover && c.Reference != nil && n < nearestOf+1 {
		return incomparable("precision and recall of %d images; they take %d of each side", n, nearestOf+1)
	}
	return nil
}

// checkStatistics checks what can be measured against statistics alone.
func (c *Comparison) checkStatistics() error {
	switch d := len(c.Statistics.Mean); {
	case c.Kernel || c.Cover || c.Nearest > 0 || c.Restore > 0:
		return incomparable("the reference is statistics alone: what compares single images needs a Source of them")
	case d != c.Extractor.Dim():
		return incomparable("the reference's statistics are of %d features and %s has %d", d, c.Extractor.Name(), c.Extractor.Dim())
	case len(c.Statistics.Covariance) != d*d:
		return incomparable("the reference's statistics have %d covariances of %d features", len(c.Statistics.Covariance), d)
	case c.Statistics.Feature != "" && c.Statistics.Feature != c.Extractor.Name():
		return incomparable("the reference's statistics are of features %s, not %s: distances between other features do not compare",
			c.Statistics.Feature, c.Extractor.Name())
	}
	h, w, _ := c.shape()
	return c.checkGroup(h, w)
}

// checkReference checks that samples and reference are images of one kind.
func (c *Comparison) checkReference() error {
	if c.Statistics != nil {
		return c.checkStatistics()
	}
	least := 1
	if c.sets() || c.Nearest > 0 {
		least = 2
	}
	h, w, channels := c.shape()
	rh, rw, rc := c.Reference.Shape()
	switch n := c.Reference.Len(); {
	case n < least || n > maxShare:
		return incomparable("%d images in the reference; from %d to %d can be compared", n, least, maxShare)
	case (channels == 1) != (rc == 1):
		return incomparable("the samples have %d channels and the reference %d: grey and colour do not compare", channels, rc)
	case h != rh || w != rw || channels != rc:
		return incomparable("the samples are %v and the reference %v: images of one size are compared", tensor.Shape{h, w, channels}, tensor.Shape{rh, rw, rc})
	}
	if _, ok := c.Generator.(restorer); c.Restore > 0 && !ok {
		return incomparable("denoising is measured of a model alone, not of images or of %T", c.Generator)
	}
	if c.Restore > 0 && min(h, w) < ssimWindow {
		return incomparable("images of %d×%d pixels; the structural similarity is of 7×7 or more", h, w)
	}
	return c.checkGroup(h, w)
}

func (c *Comparison) checkGroup(h, w int) error {
	if err := c.Group.Acts(h, w); err != nil {
		return incomparable("%v", err)
	}
	return nil
}

// samples returns how many there are of a seed.
func (c *Comparison) samples() int {
	if c.Generator != nil {
		return c.Sampling.N
	}
	return c.Images.Len()
}

// shape returns that of a sample.
func (c *Comparison) shape() (h, w, channels int) {
	if c.Generator != nil {
		return c.Generator.Shape()
	}
	return c.Images.Shape()
}

// references returns how many images the reference has, 0 if it is statistics alone.
func (c *Comparison) references() int {
	if c.Reference == nil {
		return 0
	}
	return c.Reference.Len()
}

// kept returns of how many images of each side the features are kept.
func (c *Comparison) kept() int {
	if !c.Kernel && !c.Cover {
		return 0
	}
	return min(c.samples(), c.references())
}

// share returns which of n images are those of the part.
func (c *Comparison) share(n int) (from, to int) {
	return int(int64(n) * int64(c.Part) / int64(c.Of)), int(int64(n) * int64(c.Part+1) / int64(c.Of))
}

// inPart returns how many of n images are those of the part.
func (c *Comparison) inPart(n int) int {
	from, to := c.share(n)
	return to - from
}
