//go:build !purego

package asm

// Rows are worked on one by one, by the elementwise kernels: a row of the networks has 32 numbers or more.

func affine(z, x, a, b []float32) {
	for p := 0; p < len(z); p += len(a) {
		mulAdd(z[p:p+len(a)], x[p:p+len(a)], a, b)
	}
}

func affineSiLU(z, x, a, b []float32) {
	affine(z, x, a, b)
	silu(z, z)
}

func affineSiLUGrad(z, x, a, b, dz []float32) {
	var u [64]float32
	for p := 0; p < len(z); p += len(a) {
		for from := 0; from < len(a); from += len(u) {
			to := min(from+len(u), len(a))
			t := u[:to-from]
			mulAdd(t, x[p+from:p+to], a[from:to], b[from:to])
			siluGrad(z[p+from:p+to], t, dz[p+from:p+to])
		}
	}
}

func affine2(z, x, a, y, b, c []float32) {
	var u [64]float32
	for p := 0; p < len(z); p += len(a) {
		for from := 0; from < len(a); from += len(u) {
			to := min(from+len(u), len(a))
			t := u[:to-from]
			mulAdd(t, y[p+from:p+to], b[from:to], c[from:to])
			mulAdd(z[p+from:p+to], x[p+from:p+to], a[from:to], t)
		}
	}
}
