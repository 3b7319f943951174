package asm

// The tile of machines that multiply pairs.
const (
	pairRows   = 32
	pairWide   = 32
	pairNarrow = 16
)

// plainSizeBF16 is tileSizeBF16 without assembly.
func plainSizeBF16() (rows, wide, narrow int) {
	if pairs {
		return pairRows, pairWide, pairNarrow
	}
	return genericRows, genericWide, genericNarrow
}

func tileBF16Generic(z, bias []float32, segments []SegmentBF16, t *Tiling) {
	for i := range t.Count {
		for r := range t.Rows {
			at := t.Z.at(i, r, t.Rows)
			tileRowBF16(z[at:at+t.Cols], bias, segments, t.X.at(i, r, t.Rows), t)
		}
	}
}

// tileRowBF16 computes one row z of a tile, whose input begins at number x after the first row's in each segment.
func tileRowBF16(z, bias []float32, segments []SegmentBF16, x int, t *Tiling) {
	if bias != nil {
		copy(z, bias)
	}
	for _, s := range segments {
		for k := 0; k < t.Depth; k += StepBF16 {
			var row [StepBF16]float32
			for i := range row {
				row[i] = NumberBF16(s.X, s.At+x+k+i)
			}
			for c := range z {
				var chain [2]float32
				for i, xi := range row {
					chain[i%2] = stepFMA(xi, weightBF16(s.W, k+i, c, t.Width), chain[i%2])
				}
				z[c] = stepAdd(z[c], stepAdd(chain[0], chain[1]))
			}
		}
	}
}
