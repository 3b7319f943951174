package main

import (
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"

	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"

	"spdiff/cmd/internal/grid"
	"spdiff/group"
	"spdiff/tensor/atomicfile"
)

// A sheet is a picture of a check: a column an element of the group, named above, and three rows: the image turned, what came
// of it, and the difference between that and the turned result, black where there is none; below it the largest.
type sheet struct {
	group   group.Group
	h, w, c int
	zoom    int // a pixel of an image is so many across
	shrink  int // or so many pixels are one
	pic     *image.RGBA
}

const (
	column = 120 // pixels: a column is no narrower, and the longer side of an image is so long, or up to twice that
	margin = 10
	head   = 24  // for the names of the elements
	foot   = 16  // for the largest differences
	side   = 104 // for the names of the rows
)

var (
	paper = color.RGBA{255, 255, 255, 255}
	ink   = color.RGBA{40, 44, 52, 255}
)

// newSheet makes an empty one. Small images are enlarged, large ones reduced, until the longer side is 120 to 240 pixels.
func newSheet(g group.Group, h, w, c int) *sheet {
	longer := max(h, w)
	s := &sheet{group: g, h: h, w: w, c: c, zoom: (column + longer - 1) / longer, shrink: 1}
	if longer > 2*column {
		s.shrink = (longer + 2*column - 1) / (2 * column)
	}
	cw, ch := s.cell()
	s.pic = image.NewRGBA(image.Rect(0, 0, side+g.Order()*(max(cw, column)+margin), head+3*(ch+margin)+foot))
	draw.Draw(s.pic, s.pic.Bounds(), image.NewUniform(paper), image.Point{}, draw.Src)
	for row, name := range []string{"turned", "denoised", "difference"} {
		s.text(name, side/2, head+row*(ch+margin)+ch/2+4)
	}
	return s
}

// cell returns the size of an image on the sheet.
func (s *sheet) cell() (w, h int) {
	return (s.w + s.shrink - 1) / s.shrink * s.zoom, (s.h + s.shrink - 1) / s.shrink * s.zoom
}

// add draws the column of element a: the turned image, what came of it, and what should have come. below is written below it.
func (s *sheet) add(a int, turned, y, want []float32, below string) {
	difference := make([]float32, len(y))
	for i := range y {
		difference[i] = 2*min(1, max(y[i]-want[i], want[i]-y[i])) - 1
	}
	cw, ch := s.cell()
	wide := max(cw, column)
	left := side + a*(wide+margin) + (wide-cw)/2
	s.text(s.group.ElementName(a), left+cw/2, head-8)
	s.text(below, left+cw/2, head+3*(ch+margin)+4)
	for row, x := range [][]float32{turned, y, difference} {
		s.image(x, left, head+row*(ch+margin))
	}
}

// image draws an image. Of pixels that become one the largest value is shown, for no difference to be lost.
func (s *sheet) image(x []float32, left, top int) {
	cw, ch := s.cell()
	for py := range ch {
		for px := range cw {
			var v [3]uint8
			for k := range v {
				v[k] = grid.Byte(s.value(x, py/s.zoom*s.shrink, px/s.zoom*s.shrink, min(k, s.c-1)))
			}
			s.pic.SetRGBA(left+px, top+py, color.RGBA{v[0], v[1], v[2], 255})
		}
	}
}

// value returns the largest value of a channel in a block of shrink×shrink pixels.
func (s *sheet) value(x []float32, y0, x0, channel int) float32 {
	largest := float32(-1)
	for y := y0; y < min(y0+s.shrink, s.h); y++ {
		for px := x0; px < min(x0+s.shrink, s.w); px++ {
			largest = max(largest, x[(y*s.w+px)*s.c+channel])
		}
	}
	return largest
}

// text writes on the line whose letters stand at y, x in its middle.
func (s *sheet) text(t string, x, y int) {
	const width = 7 // of a letter
	d := font.Drawer{Dst: s.pic, Src: image.NewUniform(ink), Face: basicfont.Face7x13, Dot: fixed.P(x-len(t)*width/2, y)}
	d.DrawString(t)
}

// write writes the sheet, whole or not at all.
func (s *sheet) write(path string) error {
	return atomicfile.Write(path, func(w io.Writer) error { return png.Encode(w, s.pic) })
}
