//go:build purego || !(amd64 || arm64)

package asm

func orbitSum(sum, x []float32, orbits []int32, n int) { orbitSumGeneric(sum, x, orbits, n) }

func orbitSquares(sum, x, mu []float32, orbits []int32, n int) {
	orbitSquaresGeneric(sum, x, mu, orbits, n)
}

func gatherSum(z, x []float32, rows []int32, c, n int) { gatherSumGeneric(z, x, rows, c, n) }
