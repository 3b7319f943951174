//go:build !purego

package asm

import "unsafe"

// treeArgs is what the assembly reads; distances are in bytes.
type treeArgs struct {
	z          unsafe.Pointer
	zStep      int
	len, count int
	x          [8]unsafe.Pointer
	xStep      [8]int
}

// zeros stands for summands that are +0, 4096 numbers of them at a time.
var zeros [4096]float32

func treeSum(z []float32, x [][]float32, s *Stripes) {
	if !useAVX512 && !useAVX2 {
		treeSumGeneric(z, x, s)
		return
	}
	for from := 0; from < s.Len; from += len(zeros) {
		n := min(s.Len-from, len(zeros))
		most := max(1, callLen/n)
		for stripe := 0; stripe < s.Count; stripe += most {
			a := newTreeArgs(z, x, s, from, stripe)
			a.len, a.count = n, min(most, s.Count-stripe)
			if useAVX512 {
				treeAVX512(&a, len(x))
			} else {
				treeAVX2(&a, len(x))
			}
		}
	}
}

// newTreeArgs returns the arguments of a call that begins with a number of a stripe.
func newTreeArgs(z []float32, x [][]float32, s *Stripes, from, stripe int) treeArgs {
	a := treeArgs{z: unsafe.Pointer(&z[stripe*s.Z+from]), zStep: 4 * s.Z}
	for j, v := range x {
		if v == nil {
			a.x[j] = unsafe.Pointer(&zeros)
		} else {
			a.x[j], a.xStep[j] = unsafe.Pointer(&v[stripe*s.X+from]), 4*s.X
		}
	}
	return a
}

func treeAVX512(a *treeArgs, n int) {
	switch n {
	case 1:
		tree1AVX512(a)
	case 2:
		tree2AVX512(a)
	case 4:
		tree4AVX512(a)
	default:
		tree8AVX512(a)
	}
}

func treeAVX2(a *treeArgs, n int) {
	switch n {
	case 1:
		tree1AVX2(a)
	case 2:
		tree2AVX2(a)
	case 4:
		tree4AVX2(a)
	default:
		tree8AVX2(a)
	}
}
