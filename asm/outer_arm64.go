//go:build !purego

package asm

// outerNEONArgs is what the assembly reads: counts, and distances in bytes.
type outerNEONArgs struct {
	images, height, width int
	xImage, xRow, xPixel  int
	yImage, yRow, yPixel  int
}

func outer(z, x, y []float32, o *Sweep) {
	if !useNEON {
		outerPlain(z, x, y, o)
		return
	}
	var acc [neonTile * neonTile]float32
	for r := range o.Rows {
		copy(acc[neonTile*r:neonTile*r+o.Cols], z[r*o.Stride:])
	}
	if o.Rows == neonTile && o.Cols == neonTile {
		outerNEON(&acc, &x[0], &y[0], &outerNEONArgs{
			images: o.Images, height: o.Height, width: o.Width,
			xImage: 4 * o.X.Image, xRow: 4 * o.X.Row, xPixel: 4 * o.X.Pixel,
			yImage: 4 * o.Y.Image, yRow: 4 * o.Y.Row, yPixel: 4 * o.Y.Pixel,
		})
	} else {
		outerEdge(&acc, x, y, o)
	}
	for r := range o.Rows {
		copy(z[r*o.Stride:][:o.Cols], acc[neonTile*r:])
	}
}

// outerEdge does a block smaller than 8×8: it copies some pixels at a time to rows of 8, where zeros fill up. What they make
// of acc outside the block is dropped.
func outerEdge(acc *[neonTile * neonTile]float32, x, y []float32, o *Sweep) {
	var xs, ys [32 * neonTile]float32
	n := 0
	flush := func() {
		if n > 0 {
			outerNEON(acc, &xs[0], &ys[0], &outerNEONArgs{images: 1, height: 1, width: n / neonTile, xPixel: 4 * neonTile, yPixel: 4 * neonTile})
		}
		n = 0
	}
	for image := range o.Images {
		for row := range o.Height {
			for pixel := range o.Width {
				copy(xs[n:n+o.Rows], x[image*o.X.Image+row*o.X.Row+pixel*o.X.Pixel:])
				copy(ys[n:n+o.Cols], y[image*o.Y.Image+row*o.Y.Row+pixel*o.Y.Pixel:])
				if n += neonTile; n == len(xs) {
					flush()
				}
			}
		}
	}
	flush()
}

// outerNEON adds the outer products of rows of x and y, 8 numbers each, to acc.
//
//go:noescape
func outerNEON(acc *[neonTile * neonTile]float32, x, y *float32, o *outerNEONArgs)
