package plot

import (
	"fmt"
	"image/color"
	"io"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"

	"spdiff/tensor/atomicfile"
)

// A Curve is points of one thing, from left to right, with an interval each.
type Curve struct {
	Name   string
	Points []Point
}

// A Point has a value between two others, equal to them where there is no interval.
type Point struct{ X, Value, Low, High float64 }

// Curves are several on one pair of logarithmic axes. Points that are not positive have no place there and are left out; an interval
// that reaches 0 ends at a tenth of its value.
type Curves struct {
	Title, X, Y string
	Of          []Curve
}

// colours tell curves apart, also for who sees no red or no green (Okabe and Ito 2008); then come dashes.
var colours = []color.RGBA{{0, 114, 178, 255}, {213, 94, 0, 255}, {0, 158, 115, 255}, {204, 121, 167, 255}, {230, 159, 0, 255}, {86, 180, 233, 255}, {90, 90, 90, 255}}

// Write draws the curves as PNG.
func (c Curves) Write(path string) error {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = c.Title, c.X, c.Y
	p.Title.Padding, p.X.Padding, p.Y.Padding = vg.Points(8), vg.Points(4), vg.Points(4)
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Scale, a.Tick.Marker = plot.LogScale{}, plot.TickerFunc(logTicks)
	}
	p.Add(plotter.NewGrid())
	c.Of = positive(c.Of)
	for i, curve := range c.Of {
		if err := curve.add(p, i); err != nil {
			return fmt.Errorf("%s: %s: %w", path, curve.Name, err)
		}
	}
	c.widen(p)
	picture := vgimg.PngCanvas{Canvas: vgimg.New(10*vg.Inch, 5*vg.Inch)}
	beside(p, draw.New(picture))
	return atomicfile.Write(path, func(f io.Writer) error { _, err := picture.WriteTo(f); return err })
}

// beside draws a plot with its legend to the right of it, where it hides no point.
func beside(p *plot.Plot, c draw.Canvas) {
	const gap = 12 // points
	legend := p.Legend
	legend.Top, legend.Left, legend.Padding, p.Legend = true, true, vg.Points(3), plot.NewLegend()
	r := legend.Rectangle(c)
	width := r.Max.X - r.Min.X
	p.Draw(draw.Crop(c, 0, -width-2*gap, 0, 0))
	legend.Draw(draw.Crop(c, c.Max.X-c.Min.X-width-gap, 0, 0, -2*gap))
}

// positive returns the curves without points that are not positive.
func positive(all []Curve) (kept []Curve) {
	for _, c := range all {
		c.Points = slices.DeleteFunc(slices.Clone(c.Points), func(q Point) bool { return !(min(q.X, q.Value, q.High) > 0) })
		for i, q := range c.Points {
			if !(q.Low > 0) {
				c.Points[i].Low = q.Value / 10
			}
		}
		if len(c.Points) > 0 {
			kept = append(kept, c)
		}
	}
	return kept
}

// add adds curve number i.
func (c Curve) add(p *plot.Plot, i int) error {
	line := make(plotter.XYs, len(c.Points))
	for k, q := range c.Points {
		line[k] = plotter.XY{X: q.X, Y: q.Value}
	}
	l, dots, err := plotter.NewLinePoints(line)
	if err != nil {
		return err
	}
	l.Color, l.Width, dots.Color = colours[i%len(colours)], vg.Points(1.6), colours[i%len(colours)]
	if i >= len(colours) {
		l.Dashes = []vg.Length{vg.Points(5), vg.Points(3)}
	}
	dots.Shape, dots.Radius = draw.CircleGlyph{}, vg.Points(2.5)
	bars, err := plotter.NewYErrorBars(c)
	if err != nil {
		return err
	}
	bars.Color = l.Color
	p.Add(l, dots, bars)
	p.Legend.Add(c.Name, l, dots)
	return nil
}

// Len, XY and YError are what the bars are drawn of.
func (c Curve) Len() int                { return len(c.Points) }
func (c Curve) XY(i int) (x, y float64) { return c.Points[i].X, c.Points[i].Value }
func (c Curve) YError(i int) (lo, hi float64) {
	q := c.Points[i]
	return q.Low - q.Value, q.High - q.Value
}

// widen leaves room around the points, and makes an axis of some length where all are in one place.
func (c Curves) widen(p *plot.Plot) {
	var x, y []float64
	for _, curve := range c.Of {
		for _, q := range curve.Points {
			x, y = append(x, q.X), append(y, q.Low, q.High)
		}
	}
	if len(x) == 0 {
		x, y = []float64{1}, []float64{1}
	}
	p.X.Min, p.X.Max = slices.Min(x)/1.1, slices.Max(x)*1.1
	p.Y.Min, p.Y.Max = slices.Min(y)/1.2, slices.Max(y)*1.2
}
