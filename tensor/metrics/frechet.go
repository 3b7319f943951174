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

// A DeficientError says that a set has too few images for its covariance to have full rank. A distance from it is defined and
// is what other programs give, but it says more of the number of images than one of more images would.
type DeficientError struct {
	Feature  string
	Images   int // 0 if not known
	Features int // numbers of a vector
	Rank     int // of the covariance, to rounding errors
}

// Error names the numbers of images and of features.
func (e *DeficientError) Error() string {
	images := "an unknown number of"
	if e.Images > 0 {
		images = fmt.Sprint(e.Images)
	}
	return fmt.Sprintf("metrics: the covariance of %s images by %d features %s has rank %d of %d; use more images than features",
		images, e.Features, e.Feature, e.Rank, e.Features)
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
	order := b.of[i].compare(b.of[j])
	if order == 0 {
		return 0, nil
	}
	if order > 0 { // the same sums whichever comes first
		i, j = j, i
	}
	shared, err := sharedTrace(b.roots[i], b.roots[j])
	if err != nil {
		return 0, err
	}
	apart := 0.0
	for k, m := range b.of[i].Mean {
		d := m - b.of[j].Mean[k]
		apart += float64(d * d)
	}
	scale := apart + b.of[i].trace() + b.of[j].trace()
	return rounded(max(scale-float64(2*shared), 0), scale), nil
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

// A root is R (rank, D) with Σ = RᵀR.
type root struct {
	rank int
	r    *mat.Dense // nil where the rank is 0
}

// factorise returns a root of a covariance. What of Σ is below D·2⁻⁵² of its largest variance counts as rounding error.
func factorise(s *Statistics) root {
	d := len(s.Mean)
	var c mat.PivotedCholesky
	c.Factorize(mat.NewSymDense(d, s.Covariance), -1)
	rank := c.Rank()
	if rank == 0 || s.trace() == 0 {
		return root{}
	}
	var u mat.TriDense
	c.UTo(&u)
	r, pivots := mat.NewDense(rank, d, nil), c.ColumnPivots(nil)
	for i := range rank {
		for j := i; j < d; j++ {
			r.Set(i, pivots[j], u.At(i, j))
		}
	}
	return root{rank, r}
}

// sharedTrace returns tr(Σ₁Σ₂)^½.
func sharedTrace(a, b root) (t float64, err error) {
	if a.rank == 0 || b.rank == 0 {
		return 0, nil
	}
	var p mat.Dense
	p.Mul(a.r, b.r.T())
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
