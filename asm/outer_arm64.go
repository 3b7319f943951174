//go:build !purego

package asm

// outerNEONArgs is what the assembly reads: counts, and distances in bytes.
type outerNEONArgs struct {
	images, height, width int
	xImage, xRow, xPixel  int
	yImage, yRow, yPixel  int
}

// outer computes whole blocks of 8×8 by NEON; what is left at the edges of a weight gradient, by the reference.
func outer(z, x, y []float32, o *Sweep) {
	if !useNEON || o.Rows != neonTile || o.Cols != neonTile {
		outerGeneric(z, x, y, o)
		return
	}
	a := outerNEONArgs{
		images: o.Images, height: o.Height, width: o.Width,
		xImage: 4 * o.X.Image, xRow: 4 * o.X.Row, xPixel: 4 * o.X.Pixel,
		yImage: 4 * o.Y.Image, yRow: 4 * o.Y.Row, yPixel: 4 * o.Y.Pixel,
	}
	var acc [neonTile * neonTile]float32
	for r := range neonTile {
		copy(acc[neonTile*r:neonTile*(r+1)], z[r*o.Stride:])
	}
	outerNEON(&acc, &x[0], &y[0], &a)
	for r := range neonTile {
		copy(z[r*o.Stride:r*o.Stride+neonTile], acc[neonTile*r:])
	}
}

// outerNEON adds the outer products of rows of x and y, 8 numbers each, to acc.
//
//go:noescape
func outerNEON(acc *[neonTile * neonTile]float32, x, y *float32, o *outerNEONArgs)
