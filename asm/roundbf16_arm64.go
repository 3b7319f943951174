//go:build !purego

package asm

func roundBF16(z []float32, at int, x []float32, r *Rounding) {
	if !useNEON {
		roundBF16Generic(z, at, x, r)
		return
	}
	for l := range r.Lines {
		for i := range r.Rows {
			roundRun(z[at+l*r.ZLine+i*r.ZRow:][:r.Fill], r.row(x, l, i))
		}
	}
}

func transposeBF16(z []float32, at int, x []float32, r *Rounding) { transposeBF16Generic(z, at, x, r) }

func packBF16(z, x []float32, r *Rounding) {
	if !useNEON {
		packBF16Generic(z, x, r)
		return
	}
	k := 0
	for l := range r.Lines {
		for i := range r.Rows {
			roundRun(z[(k+i)*r.Width:][:r.Width], r.row(x, l, i))
		}
		k += r.Fill
		clear(z[(k-r.Fill+r.Rows)*r.Width : k*r.Width])
	}
	clear(z[k*r.Width : PaddedBF16(k)*r.Width])
}

func packTransposedBF16(z, x []float32, r *Rounding) { packTransposedBF16Generic(z, x, r) }

// row returns row i of line l of x.
func (r *Rounding) row(x []float32, l, i int) []float32 {
	if r.Cols == 0 {
		return nil
	}
	return x[l*r.XLine+i*r.XRow:][:r.Cols]
}

// roundRun rounds the numbers of x, and clears what z has beyond them.
func roundRun(z, x []float32) {
	n := 0
	if quads := len(x) / 4; quads > 0 {
		n = 4 * quads
		roundRowNEON(&z[0], &x[0], quads)
	}
	for ; n < len(x); n++ {
		z[n] = BF16(x[n])
	}
	clear(z[n:])
}

// roundRowNEON is
//
//	for i := range 4 * quads {
//		z[i] = BF16(x[i])
//	}
//
//go:noescape
func roundRowNEON(z, x *float32, quads int)
