//go:build purego || !amd64

package asm

func treeSum(z []float32, x [][]float32, s *Stripes) { treeSumGeneric(z, x, s) }
