//go:build purego || !(amd64 || arm64)

package asm

func treeSum(z []float32, x [][]float32, s *Stripes) { treeSumGeneric(z, x, s) }
