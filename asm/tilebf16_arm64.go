//go:build !purego

package asm

// NEON's tile of bf16 products: 4 rows of 8 columns, two chains each, fill 16 of the 32 registers.
const (
	neonRowsBF16 = 4
	neonColsBF16 = 8
)

// tileBF16NEONArgs is what the assembly reads: where each row begins in the input of a segment, in bytes; and counts.
type tileBF16NEONArgs struct {
	x               [neonRowsBF16]int
	segments, steps int
}

func tileSizeBF16() (rows, wide, narrow int) {
	if useNEON {
		return neonRowsBF16, neonColsBF16, neonColsBF16
	}
	return plainSizeBF16()
}

func panelsBF16(z, bias []float32, s SegmentBF16, t *Tiling, panel int) {
	eachPanel(z, bias, s, t, panel)
}

// tileBF16 computes each tile in memory of its own. NEON decides that a number is small before it rounds, and so makes zeros of some that
// other machines round to the least normal number; it also reports that it did. Such a tile, a rare one, is left to plain Go.
func tileBF16(z, bias []float32, segments []SegmentBF16, t *Tiling) {
	if !useNEON || len(segments) == 0 {
		tileBF16Plain(z, bias, segments, t)
		return
	}
	a := tileBF16NEONArgs{segments: len(segments), steps: PaddedBF16(t.Depth) / StepBF16}
	for i := range t.Count {
		var room [neonRowsBF16 * neonColsBF16]float32
		for r := range a.x { // missing rows read the last row
			a.x[r] = 4 * t.X.at(i, min(r, t.Rows-1), t.Rows)
		}
		for r := range t.Rows {
			from := bias
			if bias == nil {
				from = z[t.Z.at(i, r, t.Rows):]
			}
			copy(room[neonColsBF16*r:][:t.Cols], from)
		}
		flushed := tileBF16NEON(&room, &segments[0], &a) != 0
		for r := range t.Rows {
			row := z[t.Z.at(i, r, t.Rows):][:t.Cols]
			if flushed {
				tileRowBF16(row, bias, segments, t.X.at(i, r, t.Rows), t)
			} else {
				copy(row, room[neonColsBF16*r:])
			}
		}
	}
}

// tileBF16NEON continues a tile of 4 rows and 8 columns, z[8·r+c], with numbers below the normal ones made zeros as they occur, and
// reports whether any were:
//
//	for s := range a.segments {
//		for k := range 32 * a.steps {
//			e[k%2] = FMA(segments[s].X[segments[s].At+a.x[r]/4+k], segments[s].W[8*k+c], e[k%2])
//			if k%32 == 31 {
//				z[8*r+c] += e[0] + e[1]
//				e = [2]float32{}
//			}
//		}
//	}
//
//go:noescape
func tileBF16NEON(z *[neonRowsBF16 * neonColsBF16]float32, segments *SegmentBF16, a *tileBF16NEONArgs) (flushed uint64)
