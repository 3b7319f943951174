package plot

import (
	"image/png"
	"os"
	"path/filepath"
	"testing"
)

// Each curve is there in its colour, also one of a single point, and of none there is an empty plot.
func TestCurves(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.png")
	c := Curves{"T", "x", "y", []Curve{
		{"a", []Point{{1, 10, 9, 11}, {10, 5, 5, 5}, {100, 2, 1, 4}}},
		{"b", []Point{{50, 3, 2, 4}}},
	}}
	if err := c.Write(path); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	pic, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[[3]uint32]int{}
	for y := range pic.Bounds().Dy() {
		for x := range pic.Bounds().Dx() {
			r, g, b, _ := pic.At(x, y).RGBA()
			seen[[3]uint32{r >> 8, g >> 8, b >> 8}]++
		}
	}
	for i := range c.Of {
		if n := seen[[3]uint32{uint32(colours[i].R), uint32(colours[i].G), uint32(colours[i].B)}]; n < 30 {
			t.Errorf("%s has %d pixels", c.Of[i].Name, n)
		}
	}
	if err := (Curves{Title: "none"}).Write(path); err != nil {
		t.Error(err)
	}
	c.Of[0].Points[1].Low = 0 // an interval down to 0 has no end on the axis, and its point is there all the same
	if kept := positive(c.Of)[0].Points; len(kept) != 3 || kept[1].Low != 0.5 {
		t.Errorf("with an interval down to 0: %v", kept)
	}
	c.Of[0].Points[1].Low = 0.1 // one that ends above 0 is shown to its end, however low
	if kept := positive(c.Of)[0].Points; len(kept) != 3 || kept[1].Low != 0.1 {
		t.Errorf("with an interval down to 0.1: %v", kept)
	}
	c.Of[0].Points[1].Low = 0
	c.Of[0].Points[1].Value = 0
	if err := c.Write(path); err != nil || c.Of[0].Points[1].Low != 0 || len(positive(c.Of)[0].Points) != 2 {
		t.Errorf("with a point that is not positive: %v", err)
	}
}
