//go:build purego || !(amd64 || arm64)

package asm

func columnSum(sum, x []float32) { columnSumGeneric(sum, x) }

func columnDot(sum, x, y []float32) { columnDotGeneric(sum, x, y) }
