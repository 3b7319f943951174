//go:build purego || !amd64

package asm

func addSub(sum, diff, x, y []float32, s *Stripes) { addSubGeneric(sum, diff, x, y, s) }
