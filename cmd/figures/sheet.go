package main

import (
	"fmt"
	"image"
	"image/color"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"spdiff/cmd/internal/grid"
	"spdiff/group"
	"spdiff/tensor"
)

// A sheet is a page of rows of images, a column an orientation.
type sheet struct {
	page *page
	y    vg.Length // where the next row begins
}

const (
	cell    = vg.Length(70) // an image
	between = vg.Length(8)
	names   = vg.Length(128) // the names of the rows, at the left
)

// orientations are the elements of grid groups in words.
var orientations = map[string]string{"e": "as it is", "r": "¼ turn", "r2": "½ turn", "r3": "¾ turn",
	"s": "mirrored", "sr": "¼ turn, mirr.", "sr2": "½ turn, mirr.", "sr3": "¾ turn, mirr.", "h": "mirrored", "v": "upside down"}

// newSheet returns a sheet with a column for each element of a group.
func newSheet(g group.Group) *sheet {
	s := &sheet{&page{w: 2*margin + names + vg.Length(g.Order())*(cell+between) - between}, head + 24}
	for a := range g.Order() {
		name, ok := orientations[g.ElementName(a)]
		if !ok {
			name = g.ElementName(a)
		}
		s.text(name, s.column(a)+cell/2, s.y-9, letters(11, ink, draw.XCenter))
	}
	return s
}

func (s *sheet) column(a int) vg.Length { return margin + names + vg.Length(a)*(cell+between) }

// text writes on the page, whose height is known only at the end.
func (s *sheet) text(t string, x, y vg.Length, style draw.TextStyle) { s.page.text(t, x, y, style) }

// finish returns the page.
func (s *sheet) finish() *page {
	s.page.h = s.y + margin - between
	return s.page
}

// space leaves room before the next row.
func (s *sheet) space() { s.y += 12 }

// row adds images of grey values in [−1, 1].
func (s *sheet) row(name, more string, shade color.RGBA, x []*tensor.Tensor) {
	s.images(name, more, shade, x, func(v float32) color.RGBA {
		grey := grid.Byte(v)
		return color.RGBA{grey, grey, grey, 255}
	})
	s.y += cell + between
}

// difference adds images of differences from 0 to 2, white where there is none, and below each its largest.
func (s *sheet) difference(name, more string, shade color.RGBA, x []*tensor.Tensor) {
	s.images(name, more, shade, x, func(v float32) color.RGBA { return mix(red, float64(v)) })
	for a, img := range x {
		text := "0"
		if d := largest(img); d > 0 {
			text = fmt.Sprintf("%.2g", d)
		}
		s.text(text, s.column(a)+cell/2, s.y+cell+14, letters(11, shade, draw.XCenter))
	}
	s.y += cell + between + 14
}

// images places a row of images, and its names.
func (s *sheet) images(name, more string, shade color.RGBA, x []*tensor.Tensor, ink func(v float32) color.RGBA) {
	s.text(name, margin, s.y+cell/2, letters(13, shade, draw.XLeft))
	s.text(more, margin, s.y+cell/2+15, letters(11, faint, draw.XLeft))
	for a, img := range x {
		s.page.picture(enlarged(img, ink), s.column(a), s.y, cell)
	}
}

// enlarged returns an image with each pixel as a square, for no viewer to blur it.
func enlarged(img *tensor.Tensor, ink func(v float32) color.RGBA) image.Image {
	const zoom = 5
	h, w := img.Shape()[0], img.Shape()[1]
	pic := image.NewRGBA(image.Rect(0, 0, w*zoom, h*zoom))
	for y := range h * zoom {
		for x := range w * zoom {
			pic.SetRGBA(x, y, ink(img.Data()[y/zoom*w+x/zoom]))
		}
	}
	return pic
}

// picture places an image, so high, in a thin frame.
func (p *page) picture(pic image.Image, x, y, side vg.Length) {
	p.parts = append(p.parts, func(c draw.Canvas) {
		low, high := vg.Point{X: x, Y: p.h - y - side}, vg.Point{X: x + side, Y: p.h - y}
		c.DrawImage(vg.Rectangle{Min: low, Max: high}, pic)
		c.StrokeLines(stroke(0.6, faint), []vg.Point{low, {X: high.X, Y: low.Y}, high, {X: low.X, Y: high.Y}, low})
	})
}
