package asm

import (
	"math"
	"slices"
	"testing"
)

// Rectify reaches the elements that Tile computes, and no others.
func TestRectifyReachesTheTiles(t *testing.T) {
	t1 := Tiling{Rows: 5, Cols: 19, Count: 3, Z: Strides{Row: 21, Gap: 80, Tile: 300}}
	z := make([]float32, t1.Z.reach(&t1)+t1.Cols+7)
	for i := range z {
		z[i] = float32(i%5) - 2
	}
	want := slices.Clone(z)
	for tile := range 3 {
		for _, at := range []int{0, 21, 42, 80, 101} {
			row := want[300*tile+at:][:19]
			for i := range row {
				row[i] = max(row[i], 0)
			}
			z[300*tile+at] = float32(math.NaN())
			want[300*tile+at] = 7
		}
	}
	Rectify(z, &t1)
	for i, v := range z {
		if v != v {
			v = 7
		}
		if v != want[i] {
			t.Fatalf("number %d is %v, want %v", i, v, want[i])
		}
	}
}
