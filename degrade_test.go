package spdiff

import (
	"math"
	"slices"
	"testing"

	"spdiff/tensor"
)

// A constant stays, a straight line stays between the middles of the first and the last block, a step of one pixel is
// spread, and k = 1 changes nothing.
func TestDegrade(t *testing.T) {
	flat, line := tensor.New(2, 8, 12, 3), tensor.New(1, 8, 12, 1)
	for i := range flat.Data() {
		flat.Data()[i] = 0.25
	}
	for i := range line.Data() {
		line.Data()[i] = float32(i%12) / 16
	}
	if z := Degrade(flat, 4); !slices.Equal(z.Data(), flat.Data()) || !z.Shape().Equal(flat.Shape()) {
		t.Error("a constant image changes")
	}
	for i, v := range Degrade(line, 4).Data() {
		x := math.Max(1.5, math.Min(9.5, float64(i%12))) / 16
		if math.Abs(float64(v)-x) > 1e-6 {
			t.Errorf("pixel %d of a line is %v, want %v", i, v, x)
		}
	}
	x := pictures(1, 7, 9)
	if !slices.Equal(bits(Degrade(x, 1).Data()), bits(x.Data())) {
		t.Error("k = 1 changes the image")
	}
}

// The mean over whole blocks is that of the degraded image's blocks where lines are symmetric about them; what varies within a
// block is gone.
func TestDegradeRemovesDetail(t *testing.T) {
	x := tensor.New(1, 16, 16, 1)
	for p := range x.Data() {
		x.Data()[p] = float32((p+p/16)%2)*2 - 1 // a chequerboard
	}
	for p, v := range Degrade(x, 4).Data() {
		if v != 0 {
			t.Fatalf("pixel %d of a chequerboard is %v", p, v)
		}
	}
}

// Sizes that k does not divide, and images smaller than a block.
func TestDegradeOfAnySize(t *testing.T) {
	for _, s := range [][3]int{{7, 9, 4}, {3, 3, 4}, {1, 5, 2}, {9, 1, 3}} {
		x := pictures(1, s[0], s[1])
		lowest, highest := slices.Min(x.Data()), slices.Max(x.Data())
		for p, v := range Degrade(x, s[2]).Data() {
			if v < lowest-1e-6 || v > highest+1e-6 || v != v {
				t.Errorf("%v: pixel %d is %v, outside %v … %v", s, p, v, lowest, highest)
			}
		}
	}
}
