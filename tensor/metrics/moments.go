package metrics

import (
	"fmt"
	"math"
	"slices"

	"spdiff/tensor"
)

// Moments are the number, the sums and the sums of products of feature vectors,
//
//	N,  Sᵢ = Σ qᵢ,  Pᵢⱼ = Σ qᵢqⱼ,
//
// q the features in spacings of a [Grid]. They are whole numbers of up to 128 bits, so they are a function of which vectors
// there are and of nothing else: no order, batch, part, worker or machine changes a bit. One goroutine may use Moments at a time.
type Moments struct {
	about    identity
	sums     []int64
	products []wide    // of i ≤ j, row after row
	pending  []float32 // vectors that are no whole block yet
	blocks   *blocks   // of whole blocks; nil until there was one
}

// identity is what two sets of moments must share to be added, and which part of a set they are.
type identity struct {
	Feature string `json:"feature"`
	Dim     int    `json:"dim"`
	Grid    Grid   `json:"grid"`
	Images  int64  `json:"images"`
	Of      int    `json:"of"`    // parts of the set
	Parts   []int  `json:"parts"` // those that are in, ascending
}

const (
	maxImages = math.MaxInt32 // so that no sum leaves its bits
	maxDim    = 1 << 16
	wideSize  = 16 // of a sum of products, in bytes
)

// NewMoments returns the moments of no vectors yet: of features of that name, dim numbers each, part number part of a set that
// is cut into of parts. A set that is not cut is part 0 of 1. It panics with a *[ShapeError] unless 1 ≤ dim ≤ 65,536 (on 32 bits
// 16,383), |grid| ≤ 64 and 0 ≤ part < of.
func NewMoments(feature string, dim int, grid Grid, part, of int) *Moments {
	about := identity{Feature: feature, Dim: dim, Grid: grid, Of: of, Parts: []int{part}}
	if err := about.check(); err != nil {
		panic(err)
	}
	return emptyMoments(about)
}

func emptyMoments(about identity) *Moments {
	return &Moments{about: about, sums: make([]int64, about.Dim), products: make([]wide, about.Dim*(about.Dim+1)/2)}
}

// Feature returns the name of the features.
func (m *Moments) Feature() string { return m.about.Feature }

// Dim returns how many numbers a vector has.
func (m *Moments) Dim() int { return m.about.Dim }

// Images returns how many vectors were added.
func (m *Moments) Images() int64 { return m.about.Images }

// Parts returns the numbers of the parts that are in, ascending, and how many the set is cut into.
func (m *Moments) Parts() (in []int, of int) { return slices.Clone(m.about.Parts), m.about.Of }

// Add adds the rows of x (N, dim). A wrong shape is a *[ShapeError] and a number that is not finite or too large for the grid a
// *[ValueError]; then nothing is added.
func (m *Moments) Add(x *tensor.Tensor) error {
	dim := m.about.Dim
	if s := x.Shape(); len(s) != 2 || s[1] != dim {
		return misfit("moments of "+m.about.Feature, "rows of shape %v; (N, %d) is wanted", s, dim)
	}
	if err := finite("moments of "+m.about.Feature, x.Data(), dim, m.about.Grid.limit()); err != nil {
		return err
	}
	n := int64(x.Shape()[0])
	if n > maxImages-m.about.Images {
		return misfit("moments of "+m.about.Feature, "%d images and %d more; at most %d are counted", m.about.Images, n, int64(maxImages))
	}
	m.about.Images += n
	m.collect(x.Data())
	return nil
}

// collect puts vectors aside and adds them block by block.
func (m *Moments) collect(data []float32) {
	full := blockLen * m.about.Dim
	for len(data) > 0 {
		k := min(full-len(m.pending), len(data))
		m.pending = append(m.pending, data[:k]...)
		data = data[k:]
		if len(m.pending) == full {
			if m.blocks == nil {
				m.blocks = newBlocks(blockLen, m.about.Dim, m.about.Grid)
			}
			m.blocks.add(m, m.pending)
			m.pending = m.pending[:0]
		}
	}
}

// settle adds what is pending.
func (m *Moments) settle() {
	if n := len(m.pending) / m.about.Dim; n > 0 {
		newBlocks(n, m.about.Dim, m.about.Grid).add(m, m.pending)
		m.pending = m.pending[:0]
	}
}

// place returns where products holds row i, at column j ≥ i.
func place(i, j, dim int) int { return i*dim - i*(i-1)/2 + j - i }

// Statistics returns the mean and the unbiased covariance,
//
//	μᵢ = Sᵢ/N,  Σᵢⱼ = (N·Pᵢⱼ − SᵢSⱼ)/(N(N−1)),
//
// the numerator without any rounding, so that nothing cancels. Fewer than two images are a *[ShapeError], parts that are
// missing a *[PartError].
func (m *Moments) Statistics() (*Statistics, error) {
	if len(m.about.Parts) != m.about.Of {
		return nil, &PartError{m.about.Feature, fmt.Sprintf("parts %v of %d are there; merge the others first", m.about.Parts, m.about.Of)}
	}
	if m.about.Images < 2 {
		return nil, misfit("statistics of "+m.about.Feature, "of %d images; a covariance needs 2", m.about.Images)
	}
	m.settle()
	dim, n := m.about.Dim, m.about.Images
	s := &Statistics{Feature: m.about.Feature, Images: int(n), Mean: make([]float64, dim), Covariance: make([]float64, dim*dim)}
	tensor.Run(tensor.Task{N: dim, Do: func(i, _ int) {
		s.Mean[i] = math.Ldexp(float64(m.sums[i])/float64(n), m.about.Grid.exponent())
		for j := i; j < dim; j++ {
			top := m.products[place(i, j, dim)].times(uint64(n)).minus(product(m.sums[i], m.sums[j]))
			v := math.Ldexp(top.float()/float64(float64(n)*float64(n-1)), 2*m.about.Grid.exponent())
			s.Covariance[i*dim+j], s.Covariance[j*dim+i] = v, v
		}
	}})
	return s, nil
}
