//go:build !purego

package asm

import "math"

// The constants of transcend_arm64.s.
var (
	neonExpBounds     = [...]float32{-104, 89}
	neonSigmoidBounds = [...]float32{-110, 110}

	neonExp = [...]float32{log2e, round, ln2Hi, ln2Lo, 1, math.Float32frombits(127),
		expPoly[0], expPoly[1], expPoly[2], expPoly[3], expPoly[4], expPoly[5],
		math.Float32frombits(roundBits), math.Float32frombits(1<<32 - 100)}
)

func exp(z, x []float32) {
	for n := quads(len(z)); n > 0; n = quads(len(z)) {
		expNEON(&z[0], &x[0], n)
		z, x = z[n:], x[n:]
	}
	expGeneric(z, x)
}

func sigmoid(z, x []float32) {
	for n := quads(len(z)); n > 0; n = quads(len(z)) {
		sigmoidNEON(&z[0], &x[0], n)
		z, x = z[n:], x[n:]
	}
	sigmoidGeneric(z, x)
}

func silu(z, x []float32) {
	for n := quads(len(z)); n > 0; n = quads(len(z)) {
		siluNEON(&z[0], &x[0], n)
		z, x = z[n:], x[n:]
	}
	siluGeneric(z, x)
}

func siluGrad(z, x, dz []float32) {
	for n := quads(len(z)); n > 0; n = quads(len(z)) {
		siluGradNEON(&z[0], &x[0], &dz[0], n)
		z, x, dz = z[n:], x[n:], dz[n:]
	}
	siluGradGeneric(z, x, dz)
}

// Networks spend no time on logarithms and hyperbolic tangents: plain Go will do.

func log(z, x []float32) { logGeneric(z, x) }

func tanh(z, x []float32) { tanhGeneric(z, x) }

// quads returns how many of n numbers the kernels of four take, not more than callLen; 0 if NEON is off.
func quads(n int) int {
	if !useNEON {
		return 0
	}
	return min(n, callLen) &^ 3
}

//go:noescape
func expNEON(z, x *float32, n int)

//go:noescape
func sigmoidNEON(z, x *float32, n int)

//go:noescape
func siluNEON(z, x *float32, n int)

//go:noescape
func siluGradNEON(z, x, dz *float32, n int)
