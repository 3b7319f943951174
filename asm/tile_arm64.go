//go:build !purego

package asm

import "unsafe"

// neonTile is the side of NEON's tile: 8 rows of 8 columns fill 16 of the 32 registers, and leave room for four channels.
const neonTile = 8

// tileNEONArgs is what the assembly reads: where each row begins in the input of a segment, where its chains begin, and where
// their ends go, all in bytes; and counts.
type tileNEONArgs struct {
	x, from, to           [neonTile]int
	segments, depth, rows int
}

func tileSize() (rows, wide, narrow int) {
	if useNEON {
		return neonTile, neonTile, neonTile
	}
	return genericRows, genericWide, genericNarrow
}

func tile(z, bias []float32, segments []Segment, t *Tiling) {
	if !useNEON {
		tilePlain(z, bias, segments, t)
		return
	}
	a := tileNEONArgs{segments: len(segments), depth: t.Depth, rows: t.Rows}
	first := unsafe.SliceData(segments)
	for i := range t.Count {
		for r := range t.Rows {
			a.x[r] = 4 * t.X.at(i, r, t.Rows)
			a.to[r] = 4 * t.Z.at(i, r, t.Rows)
		}
		switch {
		case t.Cols < neonTile:
			a.edge(z, bias, first, t.Cols)
		case bias != nil:
			a.from = [neonTile]int{}
			tileNEON(&z[0], &bias[0], first, &a)
		default:
			a.from = a.to
			tileNEON(&z[0], &z[0], first, &a)
		}
	}
}

// edge computes a tile of fewer than 8 columns in rows of 8. What is beyond the columns is dropped.
func (a *tileNEONArgs) edge(z, bias []float32, first *Segment, cols int) {
	var room [neonTile * neonTile]float32
	at := a.to
	for r := range a.rows {
		from := bias
		if bias == nil {
			from = z[at[r]/4:]
		}
		a.to[r] = 4 * neonTile * r
		copy(room[neonTile*r:neonTile*r+cols], from)
	}
	a.from = a.to
	tileNEON(&room[0], &room[0], first, a)
	for r := range a.rows {
		copy(z[at[r]/4:][:cols], room[neonTile*r:])
	}
}

// tileNEON computes a tile of 8 columns:
//
//	for r := range a.rows {
//		for c := range 8 {
//			v := from[a.from[r]/4+c]
//			for s := range a.segments {
//				for k := range a.depth {
//					v = FMA(segments[s].X[a.x[r]/4+k], segments[s].W[8*k+c], v)
//				}
//			}
//			to[a.to[r]/4+c] = v
//		}
//	}
//
//go:noescape
func tileNEON(to, from *float32, segments *Segment, a *tileNEONArgs)
