package metrics

import (
	"math"

	"spdiff/tensor"
)

// A Manifold says how much two sets of features cover of each other, as shares.
type Manifold struct {
	Precision float64 // of generated vectors among the real ones: are they real?
	Recall    float64 // of real vectors among the generated ones: are all kinds there?
}

// PrecisionRecall returns the improved precision and recall of Kynkäänniemi and others, 2019, of features real (N, D) and
// generated (M, D): a vector is among a set if it is as near to one of its vectors as that one's k-th neighbour in the set, or
// nearer. A k of 0 is their 3. Distances have one order of sums, so that the shares are the same on every machine, and no order
// of vectors changes them. Wrong shapes are a *[ShapeError], numbers that are not finite a *[ValueError].
func PrecisionRecall(real, generated *tensor.Tensor, k int) (Manifold, error) {
	if k == 0 {
		k = 3
	}
	_, dim, err := rows("precision and recall", real, max(k, 0)+1)
	if err != nil {
		return Manifold{}, err
	}
	_, other, err := rows("precision and recall", generated, max(k, 0)+1)
	if err != nil {
		return Manifold{}, err
	}
	if dim != other || k < 1 {
		return Manifold{}, misfit("precision and recall", "neighbour %d of features of shape %v and %v", k, real.Shape(), generated.Shape())
	}
	return Manifold{
		Precision: among(generated.Data(), real.Data(), dim, k),
		Recall:    among(real.Data(), generated.Data(), dim, k),
	}, nil
}

// among returns the share of the rows of x that are among those of set.
func among(x, set []float32, dim, k int) float64 {
	n, m := len(x)/dim, len(set)/dim
	radius := make([]float64, m) // squares
	tensor.Run(tensor.Task{N: m, Do: func(i, _ int) {
		row := set[i*dim : (i+1)*dim]
		j := nearest([][]float32{row}, set, dim, k, i)[k-1].Index
		radius[i] = apart(row, set[j*dim:(j+1)*dim], math.Inf(1))
	}})
	in := make([]bool, n)
	tensor.Run(tensor.Task{N: n, Do: func(i, _ int) {
		for j := 0; j < m && !in[i]; j++ {
			in[i] = apart(set[j*dim:(j+1)*dim], x[i*dim:(i+1)*dim], radius[j]) <= radius[j]
		}
	}})
	count := 0
	for _, v := range in {
		if v {
			count++
		}
	}
	return float64(count) / float64(n)
}
