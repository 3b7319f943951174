package asm

import "math"

var infinity = float32(math.Inf(1))

// Rectify computes z = max(z, 0) for the elements that a call of Tile with the same tiling computes: NaN stays. Called right
// after it, it finds them in the first cache. It panics with a *LengthError where a row would reach outside z.
func Rectify(z []float32, t *Tiling) {
	notNegative("Rectify", t.Rows, t.Cols, t.Count, t.Z.Row, t.Z.Gap, t.Z.Tile)
	if t.Rows == 0 || t.Count == 0 {
		return
	}
	reach("Rectify", plus(t.Z.reach(t), t.Cols), z)
	for tile := range t.Count {
		for r := range t.Rows {
			row := z[t.Z.at(tile, r, t.Rows):][:t.Cols]
			clamp(row, 0, infinity, row)
		}
	}
}
