package asm

import (
	"fmt"
	"testing"
)

// TestOuterOfManyPixels sweeps more pixels than any version takes at a time, of whole blocks and of smaller ones.
func TestOuterOfManyPixels(t *testing.T) {
	eachProductISA(t, func(t *testing.T) {
		rows, wide, _ := TileSize()
		s := &source{state: 13}
		for _, r := range []int{1, 3, rows - 1, rows} {
			for _, cols := range []int{1, 5, wide - 1, wide} {
				o := Sweep{Rows: r, Cols: cols, Stride: cols + 1, Images: 3, Height: 5, Width: 7,
					X: Pixels{35 * r, 7 * r, r}, Y: Pixels{35*cols + 2, 7 * cols, cols}}
				x, y := s.numbers(o.X.reach(&o)+r), s.numbers(o.Y.reach(&o)+cols)
				compare(t, s.numbers(margin+(r-1)*o.Stride+cols+margin),
					func(z []float32) { Outer(z[margin:len(z)-margin], x, y, &o) },
					func(z []float32) { outerGeneric(z[margin:len(z)-margin], x, y, &o) },
					func() string { return fmt.Sprintf("%+v", o) })
			}
		}
	})
}
