package asm

// The kernels of this file pick rows of x by number and reduce n of them, 1, 2, 4 or 8, by the balanced tree over
// neighbours: ((0+1)+(2+3))+((4+5)+(6+7)). C is the length of the vectors that apply to every row.

// OrbitSum adds to sum the trees over orbits of rows: sum[c] += tree(x[o₀,c], …, x[o_{n−1},c]), the orbits in order. An
// orbit is n successive row numbers of orbits.
func OrbitSum(sum, x []float32, orbits []int32, n int) {
	checkRows("OrbitSum", orbits, 0, rowsOf("OrbitSum", len(x), len(sum)))
	checkTree("OrbitSum", len(orbits), n)
	orbitSum(sum, x, orbits, n)
}

// OrbitSquares is OrbitSum of the squares (x[o,c] − mu[c])², each of which rounds before it is added.
func OrbitSquares(sum, x, mu []float32, orbits []int32, n int) {
	same("OrbitSquares", sum, mu)
	checkRows("OrbitSquares", orbits, 0, rowsOf("OrbitSquares", len(x), len(sum)))
	checkTree("OrbitSquares", len(orbits), n)
	orbitSquares(sum, x, mu, orbits, n)
}

// Gather copies rows: row i of z becomes row rows[i] of x, or +0 where rows[i] < 0. The length of z over that of rows is the
// length of a row. z must not overlap x.
func Gather(z, x []float32, rows []int32) {
	GatherSum(z, x, rows, 1)
}

// GatherSum sums rows: row i of z becomes the tree over the n rows of x that rows[i·n], …, rows[i·n+n−1] name, a row < 0
// counting as +0. z must not overlap x.
func GatherSum(z, x []float32, rows []int32, n int) {
	checkTree("GatherSum", len(rows), n)
	c := rowsOf("GatherSum", len(z), len(rows)/n)
	if c == 0 {
		return
	}
	checkRows("GatherSum", rows, -1, rowsOf("GatherSum", len(x), c))
	gatherSum(z, x, rows, c, n)
}

// checkTree panics unless n is the size of a tree and the rows come out even.
func checkTree(kernel string, rows, n int) {
	if !isTree(n) || rows%n != 0 {
		panicLength(kernel, rows, n)
	}
}
