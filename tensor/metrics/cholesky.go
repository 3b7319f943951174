package metrics

import (
	"math"

	"spdiff/tensor"
)

// A root is R (rank, dim) with Σ = RᵀR.
type root struct {
	rank, dim int
	r         []float64
}

// panel is how many rows of R are found before all of Σ is lessened by them: once a panel it goes through the caches.
const panel = 32

// cholesky is a factorisation with pivots under way. Rows and columns are swapped as pivots are chosen; order says where they were.
type cholesky struct {
	dim      int
	a        []float64 // Σ, less RᵀR of whole panels, from row and column k on
	r        []float64
	diagonal []float64 // of Σ less RᵀR
	order    []int
}

// factorise returns a root of a covariance by Cholesky's factorisation with the largest pivot. What of Σ is below D·2⁻⁵² of its
// largest variance counts as rounding error. Sums have one order, so that the rank and R have the same bits on every machine; LAPACK's
// order depends on the machine.
func factorise(s *Statistics) root {
	d := len(s.Mean)
	c := cholesky{dim: d, a: make([]float64, d*d), r: make([]float64, d*d), diagonal: make([]float64, d), order: make([]int, d)}
	copy(c.a, s.Covariance)
	largest := 0.0
	for i := range d {
		c.order[i], c.diagonal[i] = i, s.Covariance[i*d+i]
		largest = max(largest, c.diagonal[i])
	}
	limit, rank := math.Ldexp(float64(d)*largest, -52), 0
	for rank < d {
		p := c.pivot(rank)
		if c.diagonal[p] <= limit {
			break
		}
		c.swap(rank, p)
		c.row(rank)
		if rank++; rank%panel == 0 {
			c.lessen(rank)
		}
	}
	return root{rank, d, c.restored(rank)}
}

// pivot returns the first of the largest on the diagonal from k on.
func (c *cholesky) pivot(k int) int {
	p := k
	for i := k + 1; i < c.dim; i++ {
		if c.diagonal[i] > c.diagonal[p] {
			p = i
		}
	}
	return p
}

// swap swaps rows and columns k and p.
func (c *cholesky) swap(k, p int) {
	if k == p {
		return
	}
	d := c.dim
	c.order[k], c.order[p] = c.order[p], c.order[k]
	c.diagonal[k], c.diagonal[p] = c.diagonal[p], c.diagonal[k]
	x, y := c.a[k*d:(k+1)*d], c.a[p*d:(p+1)*d]
	for j := range x {
		x[j], y[j] = y[j], x[j]
	}
	for i := k; i < d; i++ {
		c.a[i*d+k], c.a[i*d+p] = c.a[i*d+p], c.a[i*d+k]
	}
	for i := range k {
		c.r[i*d+k], c.r[i*d+p] = c.r[i*d+p], c.r[i*d+k]
	}
}

// row finds row k of R.
func (c *cholesky) row(k int) {
	d := c.dim
	row := c.r[k*d+k : (k+1)*d]
	copy(row, c.a[k*d+k:(k+1)*d])
	c.subtract(row, k, k/panel*panel, k)
	pivot := math.Sqrt(c.diagonal[k])
	row[0] = pivot
	for j := 1; j < len(row); j++ {
		row[j] /= pivot
		c.diagonal[k+j] -= float64(row[j] * row[j])
	}
}

// subtract takes rows first to last−1 of R, each times its number in column i, from x, which is a row from column d−len(x) on.
func (c *cholesky) subtract(x []float64, i, first, last int) {
	d := c.dim
	for ; first+4 <= last; first += 4 {
		r := c.r[first*d:]
		f0, f1, f2, f3 := r[i], r[d+i], r[2*d+i], r[3*d+i]
		r0, r1, r2, r3 := r[d-len(x):d], r[2*d-len(x):2*d], r[3*d-len(x):3*d], r[4*d-len(x):4*d]
		for j, v := range x {
			v -= float64(f0 * r0[j])
			v -= float64(f1 * r1[j])
			v -= float64(f2 * r2[j])
			x[j] = v - float64(f3*r3[j])
		}
	}
	for ; first < last; first++ {
		f, r := c.r[first*d+i], c.r[(first+1)*d-len(x):(first+1)*d]
		for j := range x {
			x[j] -= float64(f * r[j])
		}
	}
}

// lessen takes the last panel of R, before row k, from all rows and columns of Σ from k on.
func (c *cholesky) lessen(k int) {
	d := c.dim
	tensor.Run(tensor.Task{N: d - k, Do: func(n, _ int) {
		i := k + n
		c.subtract(c.a[i*d+k:(i+1)*d], i, k-panel, k)
	}})
}

// restored returns R with its columns where they were.
func (c *cholesky) restored(rank int) []float64 {
	r := make([]float64, rank*c.dim)
	for i := range rank {
		for j := i; j < c.dim; j++ {
			r[i*c.dim+c.order[j]] = c.r[i*c.dim+j]
		}
	}
	return r
}
