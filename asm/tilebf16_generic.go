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
		for from := 0; from < t.Depth; from += StepBF16 {
			var chains [2][pairWide]float32 // of the even channels and of the odd, by columns
			for k := from; k < from+StepBF16; k++ {
				xk, chain := NumberBF16(s.X, s.At+x+k), chains[k%2][:len(z)]
				for c, e := range chain {
					chain[c] = stepFMA(xk, weightBF16(s.W, k, c, t.Width), e)
				}
			}
			for c := range z {
				z[c] = stepAdd(z[c], stepAdd(chains[0][c], chains[1][c]))
			}
		}
	}
}
