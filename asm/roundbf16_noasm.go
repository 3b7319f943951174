//go:build purego || !(amd64 || arm64)

package asm

func roundBF16(z []float32, at int, x []float32, r *Rounding) { roundBF16Generic(z, at, x, r) }

func transposeBF16(z []float32, at int, x []float32, r *Rounding) { transposeBF16Generic(z, at, x, r) }

func packBF16(z, x []float32, r *Rounding) { packBF16Generic(z, x, r) }

func packTransposedBF16(z, x []float32, r *Rounding) { packTransposedBF16Generic(z, x, r) }
