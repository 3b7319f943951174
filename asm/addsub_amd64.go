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
	most := max(1, callLen/s.Len)
	for stripe := 0; stripe < s.Count; stripe += most {
		a := addSubArgs{
			sum: unsafe.Pointer(&sum[stripe*s.Z]), diff: unsafe.Pointer(&diff[stripe*s.Z]), zStep: 4 * s.Z,
			x: unsafe.Pointer(&x[stripe*s.X]), y: unsafe.Pointer(&y[stripe*s.X]), xStep: 4 * s.X,
			len: s.Len, count: min(most, s.Count-stripe),
		}
		if useAVX512 {
			addSubAVX512(&a)
		} else {
			addSubAVX2(&a)
		}
	}
}
