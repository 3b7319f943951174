//go:build !purego

package asm

// neonTile is the side of NEON's tile: 8 rows of 8 columns fill 16 of the 32 registers.
const neonTile = 8

func tileSize() (rows, wide, narrow int) {
	if useNEON {
		return neonTile, neonTile, neonTile
	}
	return genericRows, genericWide, genericNarrow
}

// tile computes each tile in a square of accumulators in memory: rows that are missing repeat the first, columns that are
// missing meet the zeros of the packed weights.
func tile(z, bias []float32, segments []Segment, t *Tiling) {
	if !useNEON || len(segments) == 0 {
		tileGeneric(z, bias, segments, t)
		return
	}
	var acc [neonTile * neonTile]float32
	var offsets [neonTile]int
	for i := range t.Count {
		for r := range neonTile {
			row := min(r, t.Rows-1)
			offsets[r] = 4 * t.X.at(i, row, t.Rows)
			from := bias
			if bias == nil {
				from = z[t.Z.at(i, row, t.Rows):]
			}
			copy(acc[neonTile*r:neonTile*(r+1)], from[:t.Cols])
		}
		tileNEON(&acc, &offsets, &segments[0], len(segments), t.Depth)
		for r := range t.Rows {
			at := t.Z.at(i, r, t.Rows)
			copy(z[at:at+t.Cols], acc[neonTile*r:])
		}
	}
}

// tileNEON adds to acc[r,c] the products of segments, row r of which begins offsets[r] bytes on.
//
//go:noescape
func tileNEON(acc *[neonTile * neonTile]float32, offsets *[neonTile]int, segments *Segment, count, depth int)
