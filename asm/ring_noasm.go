//go:build purego || !amd64

package asm

// ringSums goes by TreeSum: in each row the first pixel, the last one, and all between them at once.
func ringSums(edges, corners, above, x, below []float32, r *Ring) {
	for h := range r.Height {
		at := h * r.XRow
		for p := 0; p < r.Width; {
			n := 1
			if p > 0 {
				n = max(1, r.Width-1-p)
			}
			side := func(v []float32, dx int) []float32 {
				if q := p + dx; v != nil && q >= 0 && q < r.Width {
					return v[at+q*r.XPixel:]
				}
				return nil
			}
			s := Stripes{Len: r.Channels, Count: n, Z: r.ZPixel, X: r.XPixel}
			if edges != nil {
				treeSum(edges[h*r.ZRow+p*r.ZPixel:], [][]float32{side(above, 0), side(below, 0), side(x, -1), side(x, 1)}, &s)
			}
			if corners != nil {
				treeSum(corners[h*r.ZRow+p*r.ZPixel:], [][]float32{side(above, -1), side(below, 1), side(above, 1), side(below, -1)}, &s)
			}
			p += n
		}
	}
}
