package asm

func ringSumsGeneric(edges, corners, above, x, below []float32, r *Ring) {
	at := func(v []float32, h, p, i int) float32 {
		if v == nil || p < 0 || p == r.Width {
			return 0
		}
		return v[h*r.XRow+p*r.XPixel+i]
	}
	for h := range r.Height {
		for p := range r.Width {
			for i := range r.Channels {
				z := h*r.ZRow + p*r.ZPixel + i
				if edges != nil {
					edges[z] = (at(above, h, p, i) + at(below, h, p, i)) + (at(x, h, p-1, i) + at(x, h, p+1, i))
				}
				if corners != nil {
					corners[z] = (at(above, h, p-1, i) + at(below, h, p+1, i)) + (at(above, h, p+1, i) + at(below, h, p-1, i))
				}
			}
		}
	}
}
