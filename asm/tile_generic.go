package asm

// The tile of plain Go. It keeps nothing in registers, so its size matters little: panels no wider than needed waste least on
// narrow outputs.
const (
	genericRows   = 4
	genericWide   = 16
	genericNarrow = 8
)

func tileGeneric(z, bias []float32, segments []Segment, t *Tiling) {
	for i := range t.Count {
		for r := range t.Rows {
			at := t.Z.at(i, r, t.Rows)
			tileRow(z[at:at+t.Cols], bias, segments, t.X.at(i, r, t.Rows), t)
		}
	}
}

// tileRow computes one row z of a tile, whose input begins at x in each segment.
func tileRow(z, bias []float32, segments []Segment, x int, t *Tiling) {
	if bias != nil {
		copy(z, bias)
	}
	for _, s := range segments {
		for k, xk := range s.X[x : x+t.Depth] {
			w := s.W[k*t.Width:][:len(z)]
			for c := range z {
				z[c] = FMA(xk, w[c], z[c])
			}
		}
	}
}
