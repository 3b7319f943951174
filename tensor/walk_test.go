package tensor

import (
	"slices"
	"testing"

	"spdiff/asm"
)

// pixelsOf lists the pixels of a run's tiles in order, each with the one it reads.
func pixelsOf(r run) (pixels [][2]int) {
	at := func(p *places, tile, row int) int {
		if h := (r.rows + 1) / 2; row >= h {
			return p.first + tile*p.Tile + p.Gap + (row-h)*p.Row
		}
		return p.first + tile*p.Tile + row*p.Row
	}
	for tile := range r.count {
		for row := range r.rows {
			pixels = append(pixels, [2]int{at(&r.x, tile, row), at(&r.z, tile, row)})
		}
	}
	return pixels
}

// The pieces of a run are its tiles in order, none of them more than was asked for, or one tile.
func TestEachIsTheRun(t *testing.T) {
	r := run{rows: 5, count: 13, x: places{7, asm.Strides{Row: 2, Gap: 100, Tile: 12}}, z: places{3, asm.Strides{Row: 1, Gap: 40, Tile: 5}}}
	for _, most := range []int{0, 4, 5, 14, 15, 64, 65, 1000} {
		var got [][2]int
		r.each(most, func(piece run) {
			if n := piece.count * piece.rows; n > most && piece.count > 1 || n == 0 {
				t.Errorf("%d pixels at once, of at most %d", n, most)
			}
			got = append(got, pixelsOf(piece)...)
		})
		if !slices.Equal(got, pixelsOf(r)) {
			t.Errorf("of at most %d pixels: %v, want %v", most, got, pixelsOf(r))
		}
	}
}

// Pixels that follow each other are cut into tiles whose rows differ by one at most, and come in order.
func TestEachRun(t *testing.T) {
	longest, _, _ := asm.TileSize()
	for n := range 4 * longest {
		at, least, most := 11, longest, 0
		eachRun(span{at, at + n}, longest, 40, func(r run) {
			least, most = min(least, r.rows), max(most, r.rows)
			for _, p := range pixelsOf(r) {
				if p != [2]int{at, at} {
					t.Fatalf("%d pixels: %v comes where %d should", n, p, at)
				}
				at++
			}
		})
		if at != 11+n || n > 0 && (most > longest || most-least > 1) {
			t.Errorf("%d pixels: %d are computed, in tiles of %d to %d rows", n, at-11, least, most)
		}
	}
}
