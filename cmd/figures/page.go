package main

import (
	"bytes"
	"fmt"
	"image/color"
	"io"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"

	"spdiff/tensor/atomicfile"
)

// The colours of all figures: blue is what keeps the symmetry, red what breaks it.
var (
	ink   = color.RGBA{38, 42, 50, 255}
	faint = color.RGBA{120, 126, 138, 255}
	blue  = color.RGBA{24, 90, 169, 255}
	red   = color.RGBA{204, 63, 38, 255}
	gold  = color.RGBA{250, 196, 84, 255}
	paper = color.RGBA{255, 255, 255, 255}
)

// A page is a figure that is ready to be drawn, on as many canvases as there are formats. Lengths are in points, from the top
// left, y downwards.
type page struct {
	w, h     vg.Length
	title    string
	measured []string // sentences with the numbers of this run
	parts    []func(c draw.Canvas)
}

const (
	margin = vg.Length(18)
	head   = vg.Length(52) // above the parts, for the title
	dpi    = 144
)

// measure adds a sentence.
func (p *page) measure(format string, a ...any) {
	p.measured = append(p.measured, fmt.Sprintf(format, a...))
}

// text writes t with its middle, left or right end at x, its letters standing on y.
func (p *page) text(t string, x, y vg.Length, style draw.TextStyle) {
	p.parts = append(p.parts, func(c draw.Canvas) { c.FillText(style, vg.Point{X: x, Y: p.h - y}, t) })
}

// panel places a plot.
func (p *page) panel(plot *plot.Plot, x, y, w, h vg.Length) {
	p.parts = append(p.parts, func(c draw.Canvas) {
		c.Rectangle = vg.Rectangle{Min: vg.Point{X: x, Y: p.h - y - h}, Max: vg.Point{X: x + w, Y: p.h - y}}
		plot.Draw(c)
	})
}

// letters is a text style of this size.
func letters(size vg.Length, c color.Color, at text.XAlignment) draw.TextStyle {
	return draw.TextStyle{Color: c, Font: sans(size), XAlign: at, YAlign: draw.YBottom, Handler: plot.DefaultTextHandler}
}

func sans(size vg.Length) font.Font {
	return font.From(font.Font{Typeface: "Liberation", Variant: "Sans"}, size)
}

// draw draws all of it: paper, title, parts.
func (p *page) draw(v vg.CanvasSizer) {
	c := draw.New(v)
	c.FillPolygon(paper, []vg.Point{{}, {X: p.w}, {X: p.w, Y: p.h}, {Y: p.h}})
	c.FillText(letters(17, ink, draw.XLeft), vg.Point{X: margin, Y: p.h - 33}, p.title)
	for _, part := range p.parts {
		part(c)
	}
}

// write writes base.png and base.svg, and what was measured as base.txt.
func (p *page) write(base string) error {
	png := vgimg.NewWith(vgimg.UseWH(p.w, p.h), vgimg.UseDPI(dpi))
	p.draw(png)
	if err := save(base+".png", vgimg.PngCanvas{Canvas: png}); err != nil {
		return err
	}
	svg := vgsvg.New(p.w, p.h)
	p.draw(svg)
	var b bytes.Buffer
	if _, err := svg.WriteTo(&b); err != nil {
		return fmt.Errorf("%s.svg: %w", base, err)
	}
	if err := save(base+".svg", bytes.NewReader(withFallbacks(b.Bytes()))); err != nil {
		return err
	}
	return atomicfile.WriteFile(base+".txt", []byte(p.title+"\n  "+strings.Join(p.measured, "\n  ")+"\n"))
}

// withFallbacks names fonts of the same widths for readers without Liberation Sans, and keeps the pixels of images sharp.
func withFallbacks(svg []byte) []byte {
	svg = bytes.ReplaceAll(svg, []byte("font-family:Liberation Sans;"), []byte("font-family:'Liberation Sans',Arial,Helvetica,sans-serif;"))
	return bytes.ReplaceAll(svg, []byte("data:image/jpg;"), []byte("data:image/png;"))
}

func save(path string, from io.WriterTo) error {
	return atomicfile.Write(path, func(w io.Writer) error { _, err := from.WriteTo(w); return err })
}
