package main

import (
	"image"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"spdiff/cmd/internal/grid"
)

// Figure 5 has its strips below each other, in their order.
func TestSideBySide(t *testing.T) {
	red, blue := coloured(t, "red", 1, -1), coloured(t, "blue", -1, 1)
	for want, strips := range map[string][]stripe{"red blue": {red, blue}, "blue red": {blue, red}, "red": {red}} {
		path := filepath.Join(t.TempDir(), "figure5.png")
		if err := sideBySide(path, strips); err != nil {
			t.Fatal(err)
		}
		pic, err := decoded(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(downwards(pic), " "); got != want {
			t.Errorf("from the top down it has %q, want %q", got, want)
		}
	}
}

// coloured writes a strip of ten images of one colour, which is its name.
func coloured(t *testing.T, name string, red, blue float32) stripe {
	t.Helper()
	var x []float32
	for range 10 * 28 * 28 {
		x = append(x, red, -1, blue)
	}
	s := stripe{name, filepath.Join(t.TempDir(), name+".png")}
	if err := grid.WriteRows(s.path, x, 1, 10, 28, 28, 3); err != nil {
		t.Fatal(err)
	}
	return s
}

// downwards returns the colours that fill half of a row of pixels or more, from the top down.
func downwards(pic image.Image) (colours []string) {
	b := pic.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		n := map[string]int{}
		for x := b.Min.X; x < b.Max.X; x++ {
			n[colour(pic, x, y)]++
		}
		for _, name := range []string{"red", "blue"} {
			if 2*n[name] >= b.Dx() {
				colours = append(colours, name)
			}
		}
	}
	return slices.Compact(colours)
}

// colour returns the name of a pixel's colour, "" if it is another than red or blue.
func colour(pic image.Image, x, y int) string {
	const light, dark = 0xc000, 0x4000
	r, _, b, _ := pic.At(x, y).RGBA()
	switch {
	case r > light && b < dark:
		return "red"
	case b > light && r < dark:
		return "blue"
	}
	return ""
}
