package nn

import "math"

// orthonormalise makes the columns of a matrix of rows of c numbers orthonormal, or its rows where there are fewer: those before are
// taken away from each, twice (Gram and Schmidt). Sums are in float64, in a fixed order.
func orthonormalise(m []float32, c int) {
	vectors, length, step, stride := len(m)/c, c, c, 1 // vector i has its number j at i·step + j·stride
	if vectors > c {
		vectors, length, step, stride = c, len(m)/c, 1, c
	}
	all := make([][]float64, vectors)
	for i := range all {
		all[i] = make([]float64, length)
		for j := range all[i] {
			all[i][j] = float64(m[i*step+j*stride])
		}
		for range 2 {
			for _, before := range all[:i] {
				addMultiple(all[i], -dot(all[i], before), before)
			}
		}
		scale := 1 / math.Sqrt(dot(all[i], all[i]))
		for j, v := range all[i] {
			all[i][j] = v * scale
			m[i*step+j*stride] = float32(all[i][j])
		}
	}
}

func dot(x, y []float64) (sum float64) {
	for i, v := range x {
		sum += float64(v * y[i])
	}
	return sum
}

// addMultiple sets x to x + a·y.
func addMultiple(x []float64, a float64, y []float64) {
	for i, v := range y {
		x[i] += float64(a * v)
	}
}
