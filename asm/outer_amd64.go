//go:build !purego

package asm

func outer(z, x, y []float32, o *Sweep) { outerGeneric(z, x, y, o) }
