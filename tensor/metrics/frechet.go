package metrics

import (
	"fmt"
	"math"
	"slices"

	"spdiff/tensor"

	"gonum.org/v1/gonum/mat"
)

// Frechet is the squared Fréchet distance of two Gaussians, the FID where the features are Inception's:
//
//	d² = |μ₁ − μ₂|² + tr(Σ₁ + Σ₂ − 2(Σ₁Σ₂)^½).
//
// It is rounded to a multiple of 2⁻³⁰ of its scale, |μ₁ − μ₂|² + trΣ₁ + trΣ₂: nine digits of the sums of which it is the
// difference. See the package's comment for what is the same on every machine.
type Frechet struct {
	Distance  float64
	Deficient []*DeficientError // of covariances that are not of full rank: the distance stands, and this is what to know of it
}

// A DeficientError says that a covariance is not of full rank: of too few images, or because some features are constant or
// combinations of others. A distance from it is defined and is what other programs give, but where images are too few it says
// more of their number than a distance of more images would.
type DeficientError struct {
	Feature  string
	Images   int // 0 if not known
	Features int // numbers of a vector
	Rank     int // of the covariance, to rounding errors
}

// Error names the numbers of images and of features, and what to do.
func (e *DeficientError) Error() string {
	images, advice := fmt.Sprint(e.Images), "use more images than features"
	if e.Images == 0 {
		images = "an unknown number of"
	}
	if e.Images > e.Features {
		advice = "some features are constant or follow from others"
	}
	return fmt.Sprintf("metrics: the covariance of %s images by %d features %s has rank %d of %d; %s",
		images, e.Features, e.Feature, e.Rank, e.Features, advice)
}

// Distance returns the Fréchet distance of two sets. Equal statistics are at exactly 0; the order of the two changes no bit.
// Statistics of other lengths, or of features of other names, are a *[ShapeError], what is not finite a *[ValueError].
//
// No matrix has its square root taken. With Σ = RᵀR, R from Cholesky's factorisation with pivots, which stops at the rank,
// tr(Σ₁Σ₂)^½ is the sum of the singular values of R₁R₂ᵀ. Their squares are the eigenvalues of the symmetric R₁Σ₂R₁ᵀ, but an
// eigenvalue that is 0 comes out as some 10⁻¹⁶ of the largest, and its root as 10⁻⁸: of 2,048 features whose variances span
// 2⁻⁴⁸ to 1 the trace is wrong by 1.7·10⁻⁸ then, and takes four times as long.
func Distance(a, b *Statistics) (Frechet, error) {
	all, err := distances([]*Statistics{a, b})
	if err != nil {
		return Frechet{}, err
	}
	d, err := all.pair(0, 1)
	return Frechet{d, all.deficient()}, err
}

// between is what distances among several statistics share: their factors.
type between struct {
	of    []*Statistics
	roots []root
}

// distances checks statistics and factorises them.
func distances(all []*Statistics) (*between, error) {
	for _, s := range all {
		if err := s.check(); err != nil {
			return nil, err
		}
		if d := len(all[0].Mean); len(s.Mean) != d {
			return nil, misfit("Fréchet distance", "features of %d and of %d numbers", d, len(s.Mean))
		}
		if f := all[0].Feature; s.Feature != f && s.Feature != "" && f != "" {
			return nil, misfit("Fréchet distance", "features %q and %q are not the same", f, s.Feature)
		}
	}
	b := &between{all, make([]root, len(all))}
	tensor.Run(tensor.Task{N: len(all), Do: func(i, _ int) { b.roots[i] = factorise(all[i]) }})
	return b, nil
}

// deficient returns those that are not of full rank.
func (b *between) deficient() (all []*DeficientError) {
	for i, s := range b.of {
		if rank := b.roots[i].rank; rank < len(s.Mean) {
			all = append(all, &DeficientError{s.Feature, s.Images, len(s.Mean), rank})
		}
	}
	return all
}

// pair returns the distance of two of them.
func (b *between) pair(i, j int) (float64, error) {
	d, scale, err := b.unrounded(i, j)
	return rounded(max(d, 0), scale), err
}

// unrounded returns the distance of two of them as it comes out, and its scale.
func (b *between) unrounded(i, j int) (d, scale float64, err error) {
	order := b.of[i].compare(b.of[j])
	if order == 0 {
		return 0, 0, nil
	}
	if order > 0 { // the same sums whichever comes first
		i, j = j, i
	}
	shared, err := sharedTrace(b.roots[i], b.roots[j])
	if err != nil {
		return 0, 0, err
	}
	for k, m := range b.of[i].Mean {
		apart := m - b.of[j].Mean[k]
		scale += float64(apart * apart)
	}
	scale += b.of[i].trace() + b.of[j].trace()
	return scale - float64(2*shared), scale, nil
}

// rounded returns v rounded to a multiple of 2⁻³⁰ of the power of 2 above the scale.
func rounded(v, scale float64) float64 {
	_, e := math.Frexp(scale)
	return math.Ldexp(math.RoundToEven(math.Ldexp(v, 30-e)), e-30)
}

// compare orders statistics by their numbers; 0 where all are equal.
func (s *Statistics) compare(o *Statistics) int {
	if c := slices.Compare(s.Mean, o.Mean); c != 0 {
		return c
	}
	return slices.Compare(s.Covariance, o.Covariance)
}

func (s *Statistics) trace() (t float64) {
	d := len(s.Mean)
	for i := range d {
		t += s.Covariance[i*d+i]
	}
	return t
}

// sharedTrace returns tr(Σ₁Σ₂)^½.
func sharedTrace(a, b root) (t float64, err error) {
	if a.rank == 0 || b.rank == 0 {
		return 0, nil
	}
	var p mat.Dense
	p.Mul(mat.NewDense(a.rank, a.dim, a.r), mat.NewDense(b.rank, b.dim, b.r).T())
	var svd mat.SVD
	if !svd.Factorize(&p, mat.SVDNone) {
		return 0, fmt.Errorf("metrics: the singular values of a matrix %d×%d were not found; are the covariances those of features?", a.rank, b.rank)
	}
	values := svd.Values(nil)
	for i := len(values) - 1; i >= 0; i-- { // small ones first
		t += values[i]
	}
	return t, nil
}
