package group

// A matrix is a linear map of the plane, rows first, acting on columns (y, x): y down, x to the right.
type matrix [2][2]int

var (
	one    = matrix{{1, 0}, {0, 1}}
	turn   = matrix{{0, -1}, {1, 0}} // a quarter, counter-clockwise to the eye: (0, 1), right, goes to (−1, 0), up
	half   = turn.mul(turn)
	mirror = matrix{{1, 0}, {0, -1}} // exchanges left and right
	flip   = matrix{{-1, 0}, {0, 1}} // exchanges top and bottom
)

// mul returns the product a·b: first b, then a.
func (a matrix) mul(b matrix) (c matrix) {
	for i := range c {
		for j := range c {
			c[i][j] = a[i][0]*b[0][j] + a[i][1]*b[1][j]
		}
	}
	return c
}

// apply returns a·(y, x).
func (a matrix) apply(y, x int) (int, int) {
	return a[0][0]*y + a[0][1]*x, a[1][0]*y + a[1][1]*x
}

// swaps reports whether a exchanges the two axes, so that an h×w grid becomes a w×h one.
func (a matrix) swaps() bool { return a[0][1] != 0 }
