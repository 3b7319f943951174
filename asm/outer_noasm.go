//go:build purego || !(amd64 || arm64)

package asm

func outer(z, x, y []float32, o *Sweep) { outerPlain(z, x, y, o) }
