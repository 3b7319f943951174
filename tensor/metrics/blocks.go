package metrics

import "spdiff/tensor"

// blockLen is how many vectors are multiplied at once. A digit is at most 2⁷ in magnitude, so a sum of 2¹⁰ products of two is at
// most 2²⁴, and every partial sum of it is a whole number that float32 holds: a float32 product of matrices gives it exactly,
// in any order, fused or not.
const blockLen = 1024

// band is how many rows of the products one worker takes at a time.
const band = 32

// blocks computes QᵀQ of matrices Q (n, dim) of features on a grid, by products of the digits of Q. It takes 10 products, of
// the pairs of 4 digits: 2,048 features of 10,000 images take 8.4·10¹¹ float32 operations.
type blocks struct {
	n, dim int
	grid   Grid
	conv   *tensor.Conv
	plane  [digits][]float32 // (n, dim)
	turned [digits][]float32 // (dim, n)
	packed [digits][]float32
	z      []float32 // (dim, dim)
}

func newBlocks(n, dim int, grid Grid) *blocks {
	b := &blocks{n: n, dim: dim, grid: grid, conv: tensor.NewMatMul(dim, n, dim, tensor.Float32), z: make([]float32, dim*dim)}
	for k := range digits {
		b.plane[k], b.turned[k] = make([]float32, n*dim), make([]float32, dim*n)
		b.packed[k] = make([]float32, b.conv.PackedLen())
	}
	return b
}

// add adds the n vectors of x to m.
func (b *blocks) add(m *Moments, x []float32) {
	b.split(m.sums, x)
	for k := range digits {
		tensor.Run(b.conv.Pack(b.packed[k], b.plane[k]))
	}
	for k := range digits {
		for l := k; l < digits; l++ {
			tensor.Run(b.conv.Forward(b.z, b.turned[k], b.packed[l], nil)...)
			b.gather(m.products, k, l)
		}
	}
}

// split sets the planes to the digits of x, and adds x to the sums. Each worker has columns of its own.
func (b *blocks) split(sums []int64, x []float32) {
	tensor.Run(tensor.Task{N: (b.dim + band - 1) / band, Do: func(piece, _ int) {
		for i := range b.n {
			for c := piece * band; c < min(piece*band+band, b.dim); c++ {
				q := b.grid.round(x[i*b.dim+c])
				sums[c] += q
				for k, d := range digitsOf(q) {
					b.plane[k][i*b.dim+c], b.turned[k][c*b.n+i] = d, d
				}
			}
		}
	}})
}

// gather adds z, the product of digits k and l, and its transpose if they differ, times 256^(k+l).
func (b *blocks) gather(products []wide, k, l int) {
	tensor.Run(tensor.Task{N: (b.dim + band - 1) / band, Do: func(piece, _ int) {
		first, last := piece*band, min(piece*band+band, b.dim)
		for begin := first; begin < b.dim; begin += band { // squares, for the transpose's sake
			for i := first; i < last; i++ {
				for j := max(i, begin); j < min(begin+band, b.dim); j++ {
					v := int64(b.z[i*b.dim+j])
					if k != l {
						v += int64(b.z[j*b.dim+i])
					}
					p := &products[place(i, j, b.dim)]
					*p = p.plus(shifted(v, uint(8*(k+l))))
				}
			}
		}
	}})
}
