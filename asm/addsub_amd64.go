//go:build !purego

package asm

import "unsafe"

// addSubArgs is what the assembly reads; distances are in bytes.
type addSubArgs struct {
	sum, diff, x, y unsafe.Pointer
	zStep, xStep    int
	len, count      int
}

func addSub(sum, diff, x, y []float32, s *Stripes) {
	if !useAVX512 && !useAVX2 {
		addSubGeneric(sum, diff, x, y, s)
		return
	}
	a := addSubArgs{
		sum: unsafe.Pointer(&sum[0]), diff: unsafe.Pointer(&diff[0]), x: unsafe.Pointer(&x[0]), y: unsafe.Pointer(&y[0]),
		zStep: 4 * s.Z, xStep: 4 * s.X, len: s.Len, count: s.Count,
	}
	if useAVX512 {
		addSubAVX512(&a)
	} else {
		addSubAVX2(&a)
	}
}
