package asm

// A Ring is the shape of the work of one call of RingSums: rows of pixels, and their distances counted in numbers.
type Ring struct {
	Channels, Width, Height int
	XPixel, XRow            int // of x, above and below
	ZPixel, ZRow            int // of edges and corners
}

// RingSums sums the four nearest and the four next nearest neighbours of the pixels of some image rows, each by its tree,
//
//	edges[h,p]   = (above[h,p] + below[h,p]) + (x[h,p−1] + x[h,p+1])
//	corners[h,p] = (above[h,p−1] + below[h,p+1]) + (above[h,p+1] + below[h,p−1]),
//
// for 0 ≤ h < Height and 0 ≤ p < Width. Pixels p = −1 and p = Width are +0, as are rows above or below that are nil. Either
// edges or corners may be nil, and is then left out. They must not overlap the rest. It panics with a *LengthError where a
// pixel would reach outside its slice.
func RingSums(edges, corners, above, x, below []float32, r *Ring) {
	notNegative("RingSums", r.Channels, r.Width, r.Height, r.XPixel, r.XRow, r.ZPixel, r.ZRow)
	if r.Channels == 0 || r.Width == 0 || r.Height == 0 {
		return
	}
	nx := plus(times(r.Height-1, r.XRow), times(r.Width-1, r.XPixel), r.Channels)
	nz := plus(times(r.Height-1, r.ZRow), times(r.Width-1, r.ZPixel), r.Channels)
	reach("RingSums", nx, x)
	for _, v := range [...][]float32{above, below} {
		if v != nil {
			reach("RingSums", nx, v)
		}
	}
	for _, z := range [...][]float32{edges, corners} {
		if z != nil {
			reach("RingSums", nz, z)
		}
	}
	if edges != nil || corners != nil {
		ringSums(edges, corners, above, x, below, r)
	}
}
