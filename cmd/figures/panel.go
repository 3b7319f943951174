package main

import (
	"image"
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// newPanel returns an empty plot over these ranges, in the style of all figures.
func newPanel(title string, x, y [2]float64) *plot.Plot {
	p := plot.New()
	p.Title.Text, p.Title.Padding = title, vg.Points(7)
	p.Title.TextStyle.Font, p.Title.TextStyle.Color = sans(12), ink
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = x[0], x[1], y[0], y[1]
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Label.TextStyle.Font, a.Tick.Label.Font = sans(11), sans(10)
		a.Label.TextStyle.Color, a.Tick.Label.Color = ink, faint
		a.LineStyle.Color, a.Tick.LineStyle.Color = faint, faint
		a.Padding, a.Label.Padding = vg.Points(2), vg.Points(3)
	}
	return p
}

// A line is a curve through points of the panel.
type line struct {
	points []point
	style  draw.LineStyle
}

type point [2]float64

func stroke(width float64, c color.Color, dashes ...vg.Length) draw.LineStyle {
	return draw.LineStyle{Color: c, Width: vg.Points(width), Dashes: dashes}
}

// Plot implements plot.Plotter.
func (l line) Plot(c draw.Canvas, p *plot.Plot) {
	c.StrokeLines(l.style, c.ClipLinesXY(located(c, p, l.points))...)
}

// located returns where points of the panel are on the canvas.
func located(c draw.Canvas, p *plot.Plot, points []point) []vg.Point {
	x, y := p.Transforms(&c)
	at := make([]vg.Point, len(points))
	for i, q := range points {
		at[i] = vg.Point{X: x(q[0]), Y: y(q[1])}
	}
	return at
}

// An area is a polygon.
type area struct {
	points []point
	color  color.Color
}

// Plot implements plot.Plotter.
func (a area) Plot(c draw.Canvas, p *plot.Plot) {
	c.FillPolygon(a.color, c.ClipPolygonXY(located(c, p, a.points)))
}

// An arrow goes from one point to another.
type arrow struct {
	from, to point
	style    draw.LineStyle
}

// Plot implements plot.Plotter: the line ends where the head begins, which is three and a half widths long, or half of a short
// arrow.
func (a arrow) Plot(c draw.Canvas, p *plot.Plot) {
	at := located(c, p, []point{a.from, a.to})
	d := at[1].Sub(at[0])
	length := vg.Length(math.Hypot(float64(d.X), float64(d.Y)))
	if length == 0 {
		return
	}
	tip := min(a.style.Width*2+vg.Points(2.4), length/2)
	along := d.Scale(tip / length)
	across := vg.Point{X: -along.Y * 0.55, Y: along.X * 0.55}
	neck := at[1].Sub(along)
	c.StrokeLines(a.style, []vg.Point{at[0], neck})
	c.FillPolygon(a.style.Color, []vg.Point{at[1], neck.Add(across), neck.Sub(across)})
}

// dots are discs.
type dots struct {
	points []point
	radius float64
	color  color.Color
}

// Plot implements plot.Plotter: discs with a thin border of paper.
func (d dots) Plot(c draw.Canvas, p *plot.Plot) {
	for _, at := range located(c, p, d.points) {
		for _, ring := range []draw.GlyphStyle{
			{Color: paper, Radius: vg.Points(d.radius + 0.8), Shape: draw.CircleGlyph{}},
			{Color: d.color, Radius: vg.Points(d.radius), Shape: draw.CircleGlyph{}},
		} {
			c.DrawGlyphNoClip(ring, at)
		}
	}
}

// A note is a text in a panel.
type note struct {
	at    point
	text  string
	style draw.TextStyle
}

// Plot implements plot.Plotter.
func (n note) Plot(c draw.Canvas, p *plot.Plot) {
	c.FillText(n.style, located(c, p, []point{n.at})[0], n.text)
}

// heat returns an image of w×h values over the whole panel, value(x, y) with y upwards: paper at 0, the colour at 1.
func heat(w, h int, dark color.RGBA, x, y [2]float64, value func(x, y int) float64) plot.Plotter {
	pic := image.NewRGBA(image.Rect(0, 0, w, h))
	for py := range h {
		for px := range w {
			pic.SetRGBA(px, h-1-py, mix(dark, value(px, py)))
		}
	}
	return plotter.NewImage(pic, x[0], y[0], x[1], y[1])
}

// mix returns paper with so much of a colour.
func mix(c color.RGBA, part float64) color.RGBA {
	part = max(0, min(1, part))
	between := func(a, b uint8) uint8 { return uint8(math.Round(float64(a) + part*(float64(b)-float64(a)))) }
	return color.RGBA{between(paper.R, c.R), between(paper.G, c.G), between(paper.B, c.B), 255}
}
