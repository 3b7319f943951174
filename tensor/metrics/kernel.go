package metrics

import (
	"cmp"
	"math"
	"slices"

	"spdiff/tensor"
)

// Kernel says how the kernel distance is estimated.
type Kernel struct {
	Subsets int    // how many pairs of subsets; 0: 100
	Size    int    // vectors in one; 0: 1,000, or all of the smaller set if it has fewer
	Seed    uint64 // of the subsets
}

// KernelDistance is an estimate of a squared maximum mean discrepancy.
type KernelDistance struct {
	Mean      float64 // over the subsets; negative if the sets are closer than chance has them
	Deviation float64 // of the subsets' values, with n−1
	Error     float64 // standard error of the mean, Deviation/√Subsets: of the draw of subsets, not of the images
}

// Distance returns the kernel distance (KID) of features x (N, D) and y (M, D), Bińkowski and others, Demystifying MMD GANs,
// 2018: the mean over pairs of subsets, n vectors each, of the unbiased
//
//	Σ_{i≠j} (k(xᵢ, xⱼ) + k(yᵢ, yⱼ))/(n(n−1)) − 2 Σ_{i,j} k(xᵢ, yⱼ)/n²,  k(x, y) = (x·y/D + 1)³.
//
// Subsets are drawn without replacement from the vectors in order of their numbers, so that the order in which they came changes
// no bit. Products of float32 are exact in float64, and sums have one order: the bits are the same on every machine. Wrong
// shapes are a *[ShapeError], numbers that are not finite a *[ValueError].
func (k Kernel) Distance(x, y *tensor.Tensor) (KernelDistance, error) {
	n, dim, err := rows("kernel distance", x, 2)
	if err != nil {
		return KernelDistance{}, err
	}
	m, other, err := rows("kernel distance", y, 2)
	if err != nil {
		return KernelDistance{}, err
	}
	if k.Subsets == 0 {
		k.Subsets = 100
	}
	if k.Size == 0 {
		k.Size = min(n, m, 1000)
	}
	if dim != other || k.Size < 2 || k.Size > min(n, m) || k.Subsets < 1 {
		return KernelDistance{}, misfit("kernel distance", "%d subsets of %d of rows of shape %v and %v", k.Subsets, k.Size, x.Shape(), y.Shape())
	}
	a, b := inOrder(x.Data(), dim), inOrder(y.Data(), dim)
	values := make([]float64, k.Subsets)
	tensor.Run(tensor.Task{N: k.Subsets, Do: func(i, _ int) {
		values[i] = discrepancy(k.draw(a, 2*i), k.draw(b, 2*i+1))
	}})
	return k.summary(values), nil
}

func (k Kernel) summary(values []float64) KernelDistance {
	mean, deviation := meanDeviation(values)
	return KernelDistance{mean, deviation, deviation / math.Sqrt(float64(len(values)))}
}

// draw returns the vectors of one subset.
func (k Kernel) draw(all [][]float32, stream int) [][]float32 {
	subset := make([][]float32, k.Size)
	for i, p := range tensor.NewStream(k.Seed, uint64(stream)).Perm(len(all))[:k.Size] {
		subset[i] = all[p]
	}
	return subset
}

// inOrder returns the rows sorted by their numbers.
func inOrder(data []float32, dim int) [][]float32 {
	rows := slices.Collect(slices.Chunk(data, dim))
	slices.SortFunc(rows, func(a, b []float32) int {
		return slices.CompareFunc(a, b, func(v, w float32) int { return cmp.Compare(v, w) })
	})
	return rows
}

// discrepancy returns the unbiased estimate of two sets of vectors.
func discrepancy(x, y [][]float32) float64 {
	across := 0.0
	for _, v := range x {
		for _, w := range y {
			across += cube(v, w)
		}
	}
	return within(x) + within(y) - float64(2*across)/float64(len(x)*len(y))
}

// within returns the mean of k over pairs of different vectors.
func within(x [][]float32) (sum float64) {
	for i, v := range x {
		for _, w := range x[:i] {
			sum += cube(v, w)
		}
	}
	return float64(2*sum) / float64(len(x)*(len(x)-1))
}

// cube returns k(x, y).
func cube(x, y []float32) float64 {
	k := dot(x, y)/float64(len(x)) + 1
	return float64(float64(k*k) * k)
}

// dot returns x·y in four chains, element i in chain i mod 4. A product of two float32 is exact in float64, so that fused or
// not gives the same bits.
func dot(x, y []float32) float64 {
	y = y[:len(x)]
	var a, b, c, d float64
	for len(x) >= 4 && len(y) >= 4 {
		a += float64(x[0]) * float64(y[0])
		b += float64(x[1]) * float64(y[1])
		c += float64(x[2]) * float64(y[2])
		d += float64(x[3]) * float64(y[3])
		x, y = x[4:], y[4:]
	}
	for i, v := range x {
		a += float64(v) * float64(y[i])
	}
	return (a + b) + (c + d)
}
