//go:build purego || !amd64

package asm

// Both use the kernels that they are made of, which have versions of their own. But with several lists the sum in ExpSum is a loop of
// plain Go, on arm64 too.

func expSum(x, w []float32) float32 { return expSumGeneric(x, w) }

func softmaxSlope(z, p []float32, a float32) { softmaxSlopeGeneric(z, p, a) }
