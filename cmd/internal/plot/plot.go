// Package plot draws, as PNG, the loss of a training, each logged value faint and their running mean, and curves with intervals. The
// axes of what is always positive are logarithmic.
package plot

import (
	"fmt"
	"image/color"
	"io"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"spdiff/tensor/atomicfile"
)

// most is how many stretches of a line are drawn: more than a picture can tell apart.
const most = 400

// An Axis says what a loss is. Without Linear it is logarithmic, for losses that are never 0 or less.
type Axis struct {
	Label  string
	Linear bool
}

// Has reports whether the axis has a place for v: a finite number, which is positive where it is logarithmic.
func (a Axis) Has(v float64) bool { return v-v == 0 && (a.Linear || v > 0) }

// Write draws losses, for all of which the axis has a place, over the steps after which they were logged. Of a long training each
// stretch shows its lowest and its highest loss, which look as all of them do.
func Write(path string, axis Axis, steps, losses []float64) error {
	p := plot.New()
	p.Title.Text = "Training loss"
	p.X.Label.Text = "step"
	p.Y.Label.Text = axis.Label
	p.Title.Padding, p.X.Padding, p.Y.Padding = vg.Points(8), vg.Points(4), vg.Points(4)
	if !axis.Linear {
		p.Y.Scale, p.Y.Tick.Marker = plot.LogScale{}, plot.TickerFunc(logTicks)
	}
	p.Add(plotter.NewGrid())
	if err := addLine(p, "each ten steps", extremes(steps, losses), 1, color.RGBA{150, 180, 215, 255}); err != nil {
		return err
	}
	if err := addLine(p, "running mean", extremes(steps, smooth(losses)), 2, color.RGBA{20, 70, 140, 255}); err != nil {
		return err
	}
	p.Legend.Top = true
	w, err := p.WriterTo(8*vg.Inch, 5*vg.Inch, "png")
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return atomicfile.Write(path, func(f io.Writer) error { _, err := w.WriteTo(f); return err })
}

// extremes returns the points of a line: all, or the lowest and the highest of each of most stretches, and the ends.
func extremes(x, y []float64) (points plotter.XYs) {
	n := len(x)
	if n <= 2*most {
		for i := range x {
			points = append(points, plotter.XY{X: x[i], Y: y[i]})
		}
		return points
	}
	points = plotter.XYs{{X: x[0], Y: y[0]}}
	for k := range most {
		low, high := k*n/most, k*n/most
		for i := k * n / most; i < (k+1)*n/most; i++ {
			if y[i] < y[low] {
				low = i
			}
			if y[i] > y[high] {
				high = i
			}
		}
		points = append(points, plotter.XY{X: x[min(low, high)], Y: y[min(low, high)]})
		if low != high {
			points = append(points, plotter.XY{X: x[max(low, high)], Y: y[max(low, high)]})
		}
	}
	return append(points, plotter.XY{X: x[n-1], Y: y[n-1]})
}

func addLine(p *plot.Plot, name string, points plotter.XYs, width float64, c color.Color) error {
	for begin := 0; begin == 0 || begin < len(points)-1; begin += piece {
		line, err := plotter.NewLine(points[begin:min(begin+piece+1, len(points))])
		if err != nil {
			return err
		}
		line.Width, line.Color = vg.Points(width), c
		p.Add(line)
		if begin == 0 {
			p.Legend.Add(name, line)
		}
	}
	return nil
}

// piece is how many steps of a line are drawn at once: the time for a line grows faster than its length, 14 s for 2,000 points that
// go up and down.
const piece = 50

// smooth returns the running mean of y over about a tenth of what came before, about fifty values at most.
func smooth(y []float64) []float64 {
	z := make([]float64, len(y))
	for i, v := range y {
		if i == 0 {
			z[i] = v
			continue
		}
		a := 1 / (1 + float64(i)/10)
		z[i] = z[i-1] + max(a, 0.02)*(v-z[i-1])
	}
	return z
}

// logTicks returns ticks at 1 to 9 times powers of ten, with labels at 1, 2 and 5.
func logTicks(lo, hi float64) (ticks []plot.Tick) {
	for e := math.Floor(math.Log10(lo)); e <= math.Ceil(math.Log10(hi)); e++ {
		for _, m := range []float64{1, 2, 3, 4, 5, 6, 7, 8, 9} {
			v := m * math.Pow(10, e)
			label := ""
			if m == 1 || m == 2 || m == 5 {
				label = fmt.Sprintf("%.6g", v)
			}
			ticks = append(ticks, plot.Tick{Value: v, Label: label})
		}
	}
	return ticks
}
