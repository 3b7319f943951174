// Package plot draws the loss of a training as PNG: each logged value faint, and their running mean, on a logarithmic axis.
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

// Write draws losses, all positive, over the steps after which they were logged.
func Write(path string, steps, losses []float64) error {
	p := plot.New()
	p.Title.Text = "Training loss"
	p.X.Label.Text = "step"
	p.Y.Label.Text = "mean square error"
	p.Title.Padding, p.X.Padding, p.Y.Padding = vg.Points(8), vg.Points(4), vg.Points(4)
	p.Y.Scale, p.Y.Tick.Marker = plot.LogScale{}, plot.TickerFunc(logTicks)
	p.Add(plotter.NewGrid())
	if err := addLine(p, "each ten steps", steps, losses, 1, color.RGBA{150, 180, 215, 255}); err != nil {
		return err
	}
	if err := addLine(p, "running mean", steps, smooth(losses), 2, color.RGBA{20, 70, 140, 255}); err != nil {
		return err
	}
	p.Legend.Top = true
	w, err := p.WriterTo(8*vg.Inch, 5*vg.Inch, "png")
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return atomicfile.Write(path, func(f io.Writer) error { _, err := w.WriteTo(f); return err })
}

func addLine(p *plot.Plot, name string, x, y []float64, width float64, c color.Color) error {
	points := make(plotter.XYs, len(x))
	for i := range points {
		points[i] = plotter.XY{X: x[i], Y: y[i]}
	}
	line, err := plotter.NewLine(points)
	if err != nil {
		return err
	}
	line.Width, line.Color = vg.Points(width), c
	p.Add(line)
	p.Legend.Add(name, line)
	return nil
}

// smooth returns the running mean of y over about a tenth of what came before.
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

// logTicks returns ticks at 1, 2 and 5 times powers of ten.
func logTicks(lo, hi float64) (ticks []plot.Tick) {
	for e := math.Floor(math.Log10(lo)); e <= math.Ceil(math.Log10(hi)); e++ {
		for _, m := range []float64{1, 2, 3, 4, 5, 6, 7, 8, 9} {
			v := m * math.Pow(10, e)
			label := ""
			if m == 1 || m == 2 || m == 5 {
				label = fmt.Sprintf("%.4g", v)
			}
			ticks = append(ticks, plot.Tick{Value: v, Label: label})
		}
	}
	return ticks
}
