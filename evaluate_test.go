package spdiff

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"

	"spdiff/group"
	"spdiff/nn/features"
	"spdiff/sde"
	"spdiff/tensor"
	"spdiff/tensor/metrics"
)

// projections is a feature network: dim sums of an image's numbers with weights at random, which no turn leaves alone. Its classes are
// the signs of the first.
type projections struct {
	dim   int
	calls *atomic.Int64
}

func newProjections(dim int) projections { return projections{dim, new(atomic.Int64)} }

func (p projections) Name() string { return fmt.Sprintf("projections/%d", p.dim) }
func (p projections) Dim() int     { return p.dim }

func (p projections) Of(ctx context.Context, images *tensor.Tensor) (*tensor.Tensor, error) {
	p.calls.Add(1)
	n := images.Shape()[0]
	z, size := tensor.New(n, p.dim), images.Len()/n
	w := make([]float32, size)
	for k := range p.dim {
		tensor.NewStream(9, uint64(k)).Normal(w, 0)
		for i := range n {
			s := 0.0
			for j, v := range images.At(i).Data() {
				s += float64(float64(v) * float64(w[j]))
			}
			z.At(i).Data()[k] = float32(s / 8)
		}
	}
	return z, ctx.Err()
}

func (p projections) Classify(ctx context.Context, images *tensor.Tensor) ([]int, error) {
	z, err := p.Of(ctx, images)
	classes := make([]int, images.Shape()[0])
	for i := range classes {
		if z.At(i).Data()[0] > 0 {
			classes[i] = 1
		}
	}
	return classes, err
}

func (p projections) Orientation(ctx context.Context, images *tensor.Tensor) ([]int, error) {
	classes, err := p.Classify(ctx, images)
	for i := range classes {
		classes[i] += 2
	}
	return classes, err
}

var (
	_ features.Classifier = projections{}
	_ features.Orienter   = projections{}
)

// blots returns n images of 8×8 pixels, those of a seed in this order of their numbers.
func blots(seed uint64, n, c int, order func(i int) int) Source {
	x := tensor.New(n, 8, 8, c)
	for i := range n {
		z := x.At(i).Data()
		tensor.NewStream(seed, uint64(order(i))).Normal(z, 0)
		for k := range z {
			z[k] = max(-1, min(1, z[k]/3+float32(k%8)/16)) // brighter to the right
		}
	}
	return Images(x, nil)
}

func asTheyAre(i int) int { return i }

// evaluatedAs returns what Evaluate gives.
func evaluatedAs(t *testing.T, c Comparison) Quality {
	t.Helper()
	q, err := Evaluate(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// A set is at exactly 0 from itself in another order, in distance; and no order changes a bit of the distances.
func TestEvaluateItself(t *testing.T) {
	const n = 600 // more than two lots
	set, other := blots(1, n, 1, asTheyAre), blots(1, n, 1, func(i int) int { return (7*i + 3) % n })
	c := Comparison{Images: set, Reference: set, Extractor: newProjections(5)}
	if q := evaluatedAs(t, c); q.FD != 0 || q.FDLow != 0 || q.FDHigh != 0 || len(q.Warnings) > 0 {
		t.Errorf("a set from itself: %+v", q)
	}
	c.Images = other
	if q := evaluatedAs(t, c); q.FD != 0 {
		t.Errorf("from itself in another order: %v", q.FD)
	}
	c.Reference, c.Group, c.Inverse = blots(2, n, 1, asTheyAre), group.D4, true
	q := evaluatedAs(t, c)
	c.Images = set
	if p := evaluatedAs(t, c); !reflect.DeepEqual(p, q) || p.FD <= 0 || *p.InvFD <= 0 {
		t.Errorf("one order: %+v, another: %+v", p, q)
	}
}

// The distances are those of metrics, of features computed at once.
func TestEvaluateIsMetrics(t *testing.T) {
	p, set, reference := newProjections(4), blots(1, 300, 1, asTheyAre), blots(2, 200, 1, asTheyAre)
	q := evaluatedAs(t, Comparison{Images: set, Reference: reference, Extractor: p, Group: group.C4, Inverse: true, Classes: 2, Orientations: 4})
	moments := func(s Source, elements ...int) *metrics.Statistics {
		m := metrics.NewMoments(p.Name(), p.dim, 0, 0, 1)
		for _, a := range elements {
			x := s.(inMemory).x
			z := tensor.New(x.Shape()...)
			group.C4.Act(z.Data(), x.Data(), a, s.Len(), 8, 8, 1)
			f, _ := p.Of(t.Context(), z)
			if err := m.Add(f); err != nil {
				t.Fatal(err)
			}
		}
		st, err := m.Statistics()
		if err != nil {
			t.Fatal(err)
		}
		return st
	}
	orbit := moments(reference, 0, 1, 2, 3)
	d, err := metrics.Distance(moments(set, 0), orbit)
	if err != nil || d.Distance != q.FD || q.FDAll[0] != q.FD {
		t.Errorf("distance %v, evaluated %v: %v", d.Distance, q.FD, err)
	}
	var copies []*metrics.Statistics
	for a := range 4 {
		copies = append(copies, moments(set, a))
	}
	inv, _ := metrics.InverseDistance(t.Context(), copies)
	spread, _ := metrics.ReferenceSpread(t.Context(), orbit, copies)
	if inv.Largest != *q.InvFD || *q.InvFDCode != *q.InvFD || spread != *q.Spread {
		t.Errorf("Inv-FID %v and %v, evaluated %v, %v and %v", inv.Largest, spread, *q.InvFD, *q.InvFDCode, *q.Spread)
	}
	if len(q.Classes) != 2 || len(q.Orientations) != 4 || q.Orientations[0].Count != 0 {
		t.Errorf("what was asked for is not there: %+v", q)
	}
}

// Kernel distance, precision and recall are those of metrics, of as many images of either side as the smaller has: samples as they are,
// images of the reference in one of their turned copies each.
func TestManifoldsAreMetrics(t *testing.T) {
	p, set, reference := newProjections(4), blots(1, 300, 1, asTheyAre).(inMemory), blots(2, 200, 1, asTheyAre).(inMemory)
	c := Comparison{Images: set, Reference: reference, Extractor: p, Group: group.C4, Kernel: true, Cover: true}
	q := evaluatedAs(t, c)
	copies := tensor.New(200, 8, 8, 1)
	for i := range 200 {
		group.C4.Act(copies.At(i).Data(), reference.x.At(i).Data(), c.copyOf(i), 1, 8, 8, 1)
	}
	real, err1 := p.Of(t.Context(), copies)
	drawn, err2 := p.Of(t.Context(), tensor.From(set.x.Data()[:200*64], 200, 8, 8, 1))
	kid, err3 := metrics.Kernel{}.Distance(drawn, real)
	m, err4 := metrics.PrecisionRecall(real, drawn, 3)
	if err := errors.Join(err1, err2, err3, err4); err != nil || m.Precision == m.Recall {
		t.Fatalf("%v, %+v; two different shares are wanted", err, m)
	}
	if *q.KID != kid.Mean || *q.KIDError != kid.Error {
		t.Errorf("kernel distance %v ± %v, evaluated %v ± %v", kid.Mean, kid.Error, *q.KID, *q.KIDError)
	}
	if *q.Precision != m.Precision || *q.Recall != m.Recall {
		t.Errorf("%+v, evaluated %v and %v", m, *q.Precision, *q.Recall)
	}
}

// Every turned copy of an image is kept as often as any other.
func TestKeptCopies(t *testing.T) {
	for _, g := range []group.Group{group.C4, group.D4} {
		c, count := Comparison{Group: g}, make([]float64, g.Order())
		for i := range 1000 * g.Order() {
			count[c.copyOf(i)]++
		}
		for a, n := range count {
			if math.Abs(n-1000) > 150 { // five standard deviations
				t.Errorf("of %v, the copy by %s is kept %v times of 1000", g, g.ElementName(a), n)
			}
		}
	}
}

// spot is a feature network of one pixel, which no element of D4 but the first leaves where it is.
type spot struct{ projections }

const spotted = 1 // its number

func (spot) Name() string { return "spot" }
func (spot) Dim() int     { return 1 }
func (spot) Of(ctx context.Context, images *tensor.Tensor) (*tensor.Tensor, error) {
	z := tensor.New(images.Shape()[0], 1)
	for i := range z.Data() {
		z.Data()[i] = images.At(i).Data()[spotted]
	}
	return z, ctx.Err()
}

// A set that has all its turned copies is at exactly 0 from them, and nothing is amiss, in parts neither. The paper's code leaves the mirror
// image itself out: where that alone is far from all others, it says less.
func TestInverseOfOrbit(t *testing.T) {
	s := blots(1, 50, 1, asTheyAre).(inMemory)
	whole := tensor.New(400, 8, 8, 1)
	for a := range 8 {
		group.D4.Act(whole.Data()[a*50*64:][:50*64], s.x.Data(), a, 50, 8, 8, 1)
	}
	c := Comparison{Images: Images(whole, nil), Reference: s, Extractor: newProjections(4), Group: group.D4, Inverse: true}
	q := evaluatedAs(t, c)
	if *q.InvFD != 0 || *q.InvFDCode != 0 || len(q.Warnings) > 0 {
		t.Errorf("%v, %v, %q", *q.InvFD, *q.InvFDCode, q.Warnings)
	}
	if p := merged(t, partsOf(t, c, 1, 0)); !reflect.DeepEqual(p, q) {
		t.Errorf("of parts %+v, of the whole %+v", p, q)
	}
	mirror := 4
	if group.D4.ElementName(mirror) != "s" {
		t.Fatal("D4 has other elements")
	}
	bright := tensor.New(50, 8, 8, 1)
	for i := range 50 {
		x := s.x.At(i).Data()
		x[spotted] += 9
		group.D4.Act(bright.At(i).Data(), x, mirror, 1, 8, 8, 1) // whose mirror image alone is bright there
	}
	c.Images, c.Extractor = Images(bright, nil), spot{newProjections(1)}
	q = evaluatedAs(t, c)
	if with, without := *q.InvFD, *q.InvFDCode; !(0 < without && 10*without < with) {
		t.Errorf("with the mirror image %v, without it %v", with, without)
	}
}

// Features that no turn changes are at 0 whatever the samples are, which is said, with what can tell.
func TestInverseOfInvariantFeatures(t *testing.T) {
	s := blots(1, 20, 1, asTheyAre) // all brighter to the right
	q := evaluatedAs(t, Comparison{Images: s, Reference: s, Extractor: sums{newProjections(2)}, Group: group.C4, Inverse: true})
	if *q.InvFD != 0 || len(q.Warnings) != 1 || !strings.Contains(q.Warnings[0], "inv_fd is 0") || !strings.Contains(q.Warnings[0], "digits-oriented") {
		t.Errorf("%v, %q", *q.InvFD, q.Warnings)
	}
}

// Where Inv-FID has features of its own, it is of these, in parts too, and all else is as it was; so it is with statistics for a reference.
func TestOriented(t *testing.T) {
	p := newProjections(4)
	c := Comparison{Images: blots(1, 40, 1, asTheyAre), Reference: blots(2, 30, 1, asTheyAre), Extractor: p, Group: group.D4, Inverse: true}
	want := evaluatedAs(t, c)
	c.Extractor = sums{newProjections(2)}
	plain := evaluatedAs(t, c)
	c.Oriented = p
	got := evaluatedAs(t, c)
	if *got.InvFD != *want.InvFD || *got.InvFDCode != *want.InvFDCode || *got.InvFD <= 0 || got.InvFeatures != p.Name() || len(got.Warnings) > 0 {
		t.Errorf("%+v; Inv-FID of %+v is wanted", got, want)
	}
	if got.FD != plain.FD || got.Features != plain.Features || got.Spread != nil || want.InvFeatures != "" {
		t.Errorf("%+v; without features of its own for Inv-FID %+v", got, plain)
	}
	if parts := merged(t, partsOf(t, c, 1, 0)); !reflect.DeepEqual(parts, got) {
		t.Errorf("of parts %+v, of the whole %+v", parts, got)
	}
	known, err := c.Against(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c.Statistics, c.Reference = known, nil
	if q := evaluatedAs(t, c); *q.InvFD != *want.InvFD || q.FD != got.FD {
		t.Errorf("beside statistics %+v, beside images %+v", q, got)
	}
}

// Folds are of one size, and have each class as often where classes come in turn, as many as folds or others.
func TestFolds(t *testing.T) {
	for _, c := range [][2]int{{10, 10}, {10, 5}, {10, 3}, {3, 3}, {8, 2}} {
		n, classes := c[0], c[1]
		seen := map[[2]int]int{}
		for i := range n * n * classes {
			seen[[2]int{foldOf(i, n), i % classes}]++
		}
		for fold := range n {
			for class := range classes {
				if seen[[2]int{fold, class}] != n {
					t.Errorf("%d folds, %d classes: fold %d has %d of class %d, want %d", n, classes, fold, seen[[2]int{fold, class}], class, n)
				}
			}
		}
	}
}

// everything asks for all measures of a model that is drawn from.
func everything(t *testing.T) Comparison {
	return Comparison{
		Generator: shaken(t, tiny(group.C4, WT)), Sampling: Sampling{N: 23, Reversal: Reversal{Steps: 2, First: 3, Seed: 8}}, Seeds: 2,
		Reference: blots(2, 37, 1, asTheyAre), Extractor: newProjections(4), Group: group.C4,
		Inverse: true, Kernel: true, Cover: true, Classes: 2, Orientations: 4, Nearest: 5, Restore: 6, Denoising: Denoising{Reversal: Reversal{Steps: 4}}, Title: "blots",
	}
}

// partsOf returns the tallies of as many parts as there are numbers, in that order, each through a file.
func partsOf(t *testing.T, c Comparison, numbers ...int) (parts []*Tally) {
	t.Helper()
	for _, k := range numbers {
		c.Part, c.Of = k, len(numbers)
		m, err := Measure(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "part.npz")
		if err := m.Save(path); err != nil {
			t.Fatal(err)
		}
		if m, err = LoadTally(path); err != nil {
			t.Fatal(err)
		}
		parts = append(parts, m)
	}
	return parts
}

// merged returns the numbers of parts together.
func merged(t *testing.T, parts []*Tally) Quality {
	t.Helper()
	m, err := MergeTallies(parts...)
	if err != nil {
		t.Fatal(err)
	}
	q, err := m.Quality(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// Parts, each saved and read and merged in any order, give the bits of one run, in all measures; so do folds.
func TestEvaluateParts(t *testing.T) {
	c := everything(t)
	folded := c
	folded.Seeds, folded.Folds = 1, 3
	still := folded
	still.Generator, still.Images, still.Restore = nil, blots(5, 23, 1, asTheyAre), 0
	for name, c := range map[string]Comparison{"seeds": c, "folds": folded, "images": still} {
		want := evaluatedAs(t, c)
		parts := partsOf(t, c, 2, 0, 1)
		if got := merged(t, parts); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: of parts %+v\nof the whole %+v", name, got, want)
		}
		if _, err := parts[0].Quality(t.Context()); err == nil || !strings.Contains(err.Error(), "[0 1] of 3 are missing") {
			t.Errorf("%s: one part alone: %v", name, err)
		}
		if _, err := MergeTallies(parts[0], parts[0]); err == nil || !strings.Contains(err.Error(), "twice") {
			t.Errorf("%s: a part twice: %v", name, err)
		}
	}
}

// nearTo returns how near images are to clean ones by metrics, for numbers in [−1, 1].
func nearTo(t *testing.T, x, clean *tensor.Tensor) Fidelity {
	t.Helper()
	mse, err1 := metrics.MSE(x, clean)
	psnr, err2 := metrics.PSNR(x, clean, 2)
	ssim, err3 := metrics.SSIM{Span: 2}.Of(x, clean)
	if err := errors.Join(err1, err2, err3); err != nil {
		t.Fatal(err)
	}
	return Fidelity{*average(mse), average(psnr), *average(ssim)}
}

// isRestored fails unless what was measured of a model's denoising is what its methods say of the first images of the reference.
func isRestored(t *testing.T, c Comparison, q Quality) {
	t.Helper()
	m, d, n := c.Generator.(*Model), c.Denoising, c.Restore
	d.Classes = []int{0} // the images'
	clean := tensor.From(c.Reference.(inMemory).x.Data()[:n*64], n, 8, 8, 1)
	rough := Degrade(clean, 4)
	better, _, err1 := m.Denoise(t.Context(), rough, d)
	residual, err2 := m.Residual(t.Context(), rough, d)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	if before, after := nearTo(t, rough, clean), nearTo(t, better, clean); !reflect.DeepEqual(*q.Before, before) || !reflect.DeepEqual(*q.After, after) {
		t.Errorf("before %+v and after %+v, evaluated %+v and %+v", before, after, *q.Before, *q.After)
	}
	if mean := *average(residual.Each); *q.Residual != mean {
		t.Errorf("the residual is %v, evaluated %v", mean, *q.Residual)
	}
}

// What is measured of a model is what its methods say; an equivariant one denoises equivariantly to the bit.
func TestEvaluateRestores(t *testing.T) {
	c := everything(t)
	q := evaluatedAs(t, c)
	if *q.Residual != 0 || q.Restored != 6 || q.Before.MSE <= 0 || q.After.MSE <= 0 || *q.Before.PSNR >= 100 || q.After.SSIM >= 1 {
		t.Errorf("%v, before %+v, after %+v", *q.Residual, q.Before, q.After)
	}
	isRestored(t, c, q)
	if len(q.FDAll) != 2 || q.FDLow != min(q.FDAll[0], q.FDAll[1]) || q.FDHigh < q.FD || q.FDAll[0] == q.FDAll[1] {
		t.Errorf("two seeds: %+v", q)
	}
	c.Generator = shaken(t, tiny(group.C4, Plain))
	q = evaluatedAs(t, c)
	if *q.Residual <= 0 {
		t.Errorf("a plain network's residual is %v", *q.Residual)
	}
	isRestored(t, c, q)
}

// One image can be denoised and measured, and of more than there are all are.
func TestEvaluateRestoresOne(t *testing.T) {
	for _, n := range []int{1, math.MaxInt} {
		c := Comparison{Generator: shaken(t, tiny(group.C4, WT)), Reference: blots(2, 1, 1, asTheyAre), NoDistance: true, Restore: n,
			Denoising: Denoising{Reversal: Reversal{Steps: 2}}}
		if q := evaluatedAs(t, c); q.Restored != 1 || q.After == nil {
			t.Errorf("of %d: %+v", n, q)
		}
	}
}

// A turned image of the reference among the samples is found and called a copy, and nothing else is.
func TestNearestFindsCopies(t *testing.T) {
	reference := blots(2, 300, 1, asTheyAre).(inMemory)
	set := blots(1, 4, 1, asTheyAre).(inMemory)
	group.C4.Act(set.x.At(2).Data(), reference.x.At(290).Data(), 1, 1, 8, 8, 1)
	q := evaluatedAs(t, Comparison{Images: set, Reference: reference, Extractor: newProjections(2), Group: group.C4, Nearest: 9})
	if len(q.Near) != 4 || *q.Copied != 1 || !q.Near[2].Copied() || q.Near[2].Index != 290 || q.Near[2].Distance != 0 {
		t.Fatalf("%d found, %v copied", len(q.Near), *q.Copied)
	}
	if !reflect.DeepEqual(q.Near[2].Nearest, q.Near[2].Sample) {
		t.Error("the nearest image is not turned as the sample is")
	}
	for _, n := range q.Near {
		least, second := math.Inf(1), math.Inf(1)
		z := make([]float32, 64)
		for i := range 300 {
			near := math.Inf(1)
			for a := range 4 {
				group.C4.Act(z, reference.x.At(i).Data(), a, 1, 8, 8, 1)
				near = min(near, math.Sqrt(64*meanSquare(z, n.Sample)))
			}
			least, second = min(least, near), min(second, max(least, near))
		}
		if math.Abs(least-n.Distance) > 1e-5 || math.Abs(second-n.Second) > 1e-5 {
			t.Errorf("sample %d: %v and %v; found %v and %v", n.Number, least, second, n.Distance, n.Second)
		}
	}
}

// Fewer images than features is a warning with both numbers.
func TestFewImages(t *testing.T) {
	q := evaluatedAs(t, Comparison{Images: blots(1, 12, 1, asTheyAre), Reference: blots(2, 300, 1, asTheyAre), Extractor: newProjections(32)})
	if len(q.Warnings) != 1 || !strings.Contains(q.Warnings[0], "12") || !strings.Contains(q.Warnings[0], "32") {
		t.Errorf("%q", q.Warnings)
	}
}

// unreadable is a source with an image that cannot be read.
type unreadable struct{ Source }

var errShort = errors.New("unexpected end")

func (u unreadable) Image(dst []float32, i int) (int, error) {
	if i == 7 {
		return 0, errShort
	}
	return u.Source.Image(dst, i)
}

// oblong is a source of images of another size.
type oblong struct{ Source }

func (oblong) Shape() (h, w, c int) { return 8, 16, 1 }

// What cannot be compared is an error that says why, before a feature is computed.
func TestEvaluateRefuses(t *testing.T) {
	p := newProjections(4)
	good := Comparison{Images: blots(1, 20, 1, asTheyAre), Reference: blots(2, 20, 1, asTheyAre), Extractor: p}
	known := &metrics.Statistics{Mean: make([]float64, 4), Covariance: make([]float64, 16)}
	nan := blots(1, 20, 1, asTheyAre).(inMemory)
	nan.x.At(5).Data()[9] = float32(math.NaN())
	for want, spoil := range map[string]func(c *Comparison){
		"grey and colour":       func(c *Comparison) { c.Images = blots(1, 20, 3, asTheyAre) },
		"one size":              func(c *Comparison) { c.Reference = oblong{c.Reference} },
		"number 9 is NaN":       func(c *Comparison) { c.Images = nan },
		"reference: image 7":    func(c *Comparison) { c.Reference = unreadable{c.Reference} },
		"samples: image 7":      func(c *Comparison) { c.Images = unreadable{c.Images} },
		"0 samples":             func(c *Comparison) { c.Images = Limit(c.Images, 0) },
		"0 images in the ref":   func(c *Comparison) { c.Reference = Limit(c.Reference, 0) },
		"no Extractor":          func(c *Comparison) { c.Extractor = nil },
		"part 3 of 3":           func(c *Comparison) { c.Part, c.Of = 3, 3 },
		"either a Generator or": func(c *Comparison) { c.Images = nil },
		"either a Reference or": func(c *Comparison) { c.Reference = nil },
		"a model alone":         func(c *Comparison) { c.Restore = 2 },
		"they have none":        func(c *Comparison) { c.Seeds = 2 },
		"of 3 features":         func(c *Comparison) { c.Reference, c.Statistics = nil, &metrics.Statistics{Mean: make([]float64, 3)} },
		"statistics alone":      func(c *Comparison) { c.Reference, c.Statistics, c.Kernel = nil, &metrics.Statistics{}, true },
		"is statistics alone":   func(c *Comparison) { c.Reference, c.Statistics, c.Cover = nil, known, true },
		"oblong":                func(c *Comparison) { c.Images, c.Reference, c.Group = oblong{c.Images}, oblong{c.Reference}, group.C4 },
		"not under":             func(c *Comparison) { c.Group, c.Invariant, p.calls = group.C4, group.D4, new(atomic.Int64) },
		"invariant under C4": func(c *Comparison) {
			c.Reference, c.Statistics, c.Group, c.Invariant, p.calls = nil, known, group.C4, group.C4, new(atomic.Int64)
		},
		"seeds are from 1":           func(c *Comparison) { c.Seeds = -1 },
		"measured of a model alone":  func(c *Comparison) { c.Restore = math.MaxInt },
		"and the Group C1 has none":  func(c *Comparison) { c.Inverse = true },
		"1 images in the reference;": func(c *Comparison) { c.Reference = Limit(c.Reference, 1) },
		"reference: image 7: ":       func(c *Comparison) { c.Reference, c.Of, c.Nearest = unreadable{c.Reference}, 4, 1 }, // which is of part 1
	} {
		c := good
		spoil(&c)
		before := p.calls.Load()
		_, err := Evaluate(t.Context(), c)
		if want == "oblong" {
			want = "C4"
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want an error with %q", err, want)
		}
		if p.calls.Load() != before && !strings.Contains(want, "under") {
			t.Errorf("%s: found after the work had begun", want)
		}
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	full := errors.New("the queue is full")
	cancel(full)
	if _, err := Evaluate(ctx, good); !errors.Is(err, context.Canceled) || !errors.Is(err, full) {
		t.Errorf("cancelled: %v", err)
	}
}

// Parts do not merge whose models are drawn from, or denoise, in another way: whatever changes a number is compared.
func TestOtherWays(t *testing.T) {
	config := tiny(group.C4, WT)
	config.DropClass = 0.1
	good := Comparison{Generator: shaken(t, config), Sampling: Sampling{N: 4, Reversal: Reversal{Steps: 2}}, Reference: blots(2, 8, 1, asTheyAre), Extractor: newProjections(4),
		Restore: 2, Denoising: Denoising{Reversal: Reversal{Steps: 2}}, Of: 2}
	tally := func(c Comparison) *Tally {
		c, err := c.settled()
		if err != nil {
			t.Fatal(err)
		}
		return c.newTally()
	}
	for name, change := range map[string]func(*Comparison){
		"seed, denoising":   func(c *Comparison) { c.Denoising.Seed = 3 },
		"factor":            func(c *Comparison) { c.Factor = 2 },
		"start":             func(c *Comparison) { c.Denoising.Start = 0.3 },
		"steps":             func(c *Comparison) { c.Sampling.Steps = 3 },
		"steps, denoising":  func(c *Comparison) { c.Denoising.Steps = 3 },
		"solver":            func(c *Comparison) { c.Sampling.Solver = sde.DDIM{} },
		"guidance":          func(c *Comparison) { c.Sampling.Guidance = 1 },
		"precision":         func(c *Comparison) { c.Sampling.Precision = BF16 },
		"classes":           func(c *Comparison) { c.Sampling.Classes = []int{1} },
		"classes, denoised": func(c *Comparison) { c.Denoising.Classes = []int{1} },
	} {
		other := good
		other.Part = 1
		change(&other)
		if _, err := MergeTallies(tally(good), tally(other)); err == nil || !strings.Contains(err.Error(), "How") {
			t.Errorf("another %s: %v", name, err)
		}
	}
	good.Sampling.Solver, good.Factor = sde.DDIM{Eta: 1}, 4
	same := good
	same.Sampling.Solver, same.Factor = nil, 0
	if a, b := tally(good).about, tally(same).about; a != b {
		t.Errorf("defaults that are said: %+v, and not: %+v", a, b)
	}
}

// A file of a part that is damaged anywhere is an error, or is as it was.
func TestDamagedTally(t *testing.T) {
	c := Comparison{Images: blots(1, 20, 1, asTheyAre), Reference: blots(2, 20, 1, asTheyAre), Extractor: newProjections(4), Nearest: 1}
	m, err := Measure(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "part.npz")
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want, _ := m.Quality(t.Context())
	refused := 0
	for at := 0; at < len(whole); at += 13 {
		broken := append([]byte(nil), whole...)
		broken[at] ^= 0x10
		os.WriteFile(path, broken, 0o644)
		m, err := LoadTally(path)
		if err != nil {
			if refused++; !strings.Contains(err.Error(), path) {
				t.Errorf("byte %d: the error does not name the file: %v", at, err)
			}
			continue
		}
		if got, err := m.Quality(t.Context()); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("byte %d changed, and the numbers are %+v (%v)", at, got, err)
		}
	}
	if refused == 0 {
		t.Error("no damage was seen")
	}
	os.WriteFile(path, whole[:len(whole)/2], 0o644)
	if _, err := LoadTally(path); err == nil {
		t.Error("half of a file was read")
	}
}

// Statistics of the reference stand for it, and are those that it has; moments under invariance are those of all copies.
func TestEvaluateStatistics(t *testing.T) {
	c := Comparison{Images: blots(1, 20, 1, asTheyAre), Reference: blots(2, 30, 1, asTheyAre), Extractor: newProjections(4), Group: group.C2}
	m, err := Measure(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	q, _ := m.Quality(t.Context())
	if c.Statistics, err = m.Reference(); err != nil {
		t.Fatal(err)
	}
	c.Reference = nil
	if p := evaluatedAs(t, c); p.FD != q.FD || p.Reference != 60 {
		t.Errorf("by statistics of %d images %v, by the images %v", p.Reference, p.FD, q.FD)
	}
}

// sums is a feature network that no symmetry of the square can move: the mean, and the mean square.
type sums struct{ projections }

func (sums) Name() string { return "sums" }
func (sums) Dim() int     { return 2 }
func (s sums) Of(_ context.Context, images *tensor.Tensor) (*tensor.Tensor, error) {
	s.calls.Add(1)
	z := tensor.New(images.Shape()[0], 2)
	for i := range images.Shape()[0] {
		var whole [2]int64
		for _, v := range images.At(i).Data() {
			whole[0] += int64(v * (1 << 20))
			whole[1] += int64(v * v * (1 << 20))
		}
		z.At(i).Data()[0], z.At(i).Data()[1] = float32(whole[0])/(1<<26), float32(whole[1])/(1<<26)
	}
	return z, nil
}

// Invariant features are computed once, to the same bits.
func TestInvariantFeatures(t *testing.T) {
	p := sums{newProjections(2)}
	c := Comparison{Images: blots(1, 20, 1, asTheyAre), Reference: blots(2, 30, 1, asTheyAre), Extractor: p, Group: group.D2, Inverse: true}
	want := evaluatedAs(t, c)
	before := p.calls.Load()
	c.Invariant = group.D4
	if got := evaluatedAs(t, c); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v; want %+v", got, want)
	}
	if n := p.calls.Load() - before; n >= before {
		t.Errorf("%d calls, %d without", n, before)
	}
	if got := fixed(group.D4, group.C4); !reflect.DeepEqual(got, []bool{true, true, true, true, false, false, false, false}) {
		t.Errorf("of D4 in C4: %v", got)
	}
	if got := fixed(group.H, group.D4); !reflect.DeepEqual(got, []bool{true, true}) {
		t.Errorf("of H in D4: %v", got)
	}
}
