package main

import (
	"context"
	"fmt"
	"image/color"
	"io"
	"math"
	"os"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"

	"spdiff/nn"
	"spdiff/tensor"
	"spdiff/tensor/atomicfile"
)

// How a training step of digits-s grows: with the batch at the preset's side, and with the side at a batch of scalingBatch.
var (
	scalingBatches = []int{1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64}
	scalingSides   = []int{28, 32, 40, 48, 56, 64, 80, 96, 112, 128}
)

const scalingBatch = 8

// A growth is the rates of training steps of growing size.
type growth struct {
	title, label string
	sizes        []int
	step         func(size int) (side, batch int)
}

var growths = []growth{
	{"batch, 28×28 pixels", "images a step", scalingBatches, func(n int) (int, int) { return 28, n }},
	{fmt.Sprintf("side, %d images", scalingBatch), "pixels across", scalingSides, func(n int) (int, int) { return n, scalingBatch }},
}

// drawScaling measures the growths on one thread and on as many as may be used, prints every step, and draws the rates: a
// step whose time is linear in its work has a level line.
func drawScaling(ctx context.Context, path string, threads, runs int, precision tensor.Precision, show func(row)) error {
	var plots []*plot.Plot
	for _, g := range growths {
		p, err := g.plot(ctx, threads, runs, precision, show)
		if err != nil {
			return err
		}
		plots = append(plots, p)
	}
	const width, height, edge = 5.5 * vg.Inch, 4.2 * vg.Inch, 8
	c := vgimg.New(width*vg.Length(len(plots)), height)
	for i, p := range plots {
		at := width * vg.Length(i)
		p.Draw(draw.Canvas{Canvas: c, Rectangle: vg.Rectangle{Min: vg.Point{X: at + edge, Y: edge}, Max: vg.Point{X: at + width - edge, Y: height - edge}}})
	}
	if err := atomicfile.Write(path, func(f io.Writer) error { _, err := vgimg.PngCanvas{Canvas: c}.WriteTo(f); return err }); err != nil {
		return err
	}
	_, err := fmt.Fprintf(os.Stderr, "made: %s\n", path)
	return err
}

// plot measures a growth and draws it, a line for one thread and one for all.
func (g growth) plot(ctx context.Context, threads, runs int, precision tensor.Precision, show func(row)) (*plot.Plot, error) {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = "Training step by "+g.title, g.label, "GFLOP/s"
	p.Title.Padding, p.X.Padding, p.Y.Padding = vg.Points(8), vg.Points(4), vg.Points(4)
	p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, plot.TickerFunc(func(_, _ float64) (ticks []plot.Tick) {
		for i, n := range g.sizes {
			t := plot.Tick{Value: float64(n)}
			if i%2 == 0 || i == len(g.sizes)-1 {
				t.Label = fmt.Sprint(n)
			}
			ticks = append(ticks, t)
		}
		return ticks
	})
	p.Add(plotter.NewGrid())
	for k, c := range scalingMethods(precision) {
		for _, n := range []int{1, threads} {
			if err := g.line(ctx, p, c, n, runs, k, n == 1, show); err != nil {
				return nil, err
			}
			if threads == 1 {
				break
			}
		}
	}
	p.Y.Min, p.Y.Max = 0, 100*math.Ceil(p.Y.Max*1.25/100) // room for the legend
	p.Legend.Top = true
	return p, nil
}

// A scalingMethod is a network to measure.
type scalingMethod struct {
	name      string
	prefix    string
	config    nn.UNetConfig
	precision tensor.Precision
}

func scalingMethods(p tensor.Precision) []scalingMethod {
	c := nn.DigitsS()
	return []scalingMethod{{"plain", "scaling/unet", c, p}, {"tied", "scaling/unet-wt", tied(c), p}}
}

// line measures a growth on some threads and adds its line.
func (g growth) line(ctx context.Context, p *plot.Plot, m scalingMethod, threads, runs, hue int, dashed bool, show func(row)) error {
	tensor.SetWorkers(threads)
	points := make(plotter.XYs, len(g.sizes))
	for i, size := range g.sizes {
		side, batch := g.step(size)
		c := m.config
		c.ImageHeight, c.ImageWidth = side, side
		r, err := measure(ctx, benchCase{name: fmt.Sprintf("%s/%dpx/train", m.prefix, side), batch: batch, precision: m.precision,
			work: 6e-9 * float64(c.MultiplyAdds()) * float64(batch), program: func() *profiled { return trainStep(c, batch, m.precision) }}, threads, runs)
		if err != nil {
			return err
		}
		show(r)
		points[i] = plotter.XY{X: float64(size), Y: math.Round(r.GFLOPS)}
	}
	line, dots, err := plotter.NewLinePoints(points)
	if err != nil {
		return err
	}
	line.Color = []color.Color{color.RGBA{20, 70, 140, 255}, color.RGBA{200, 90, 30, 255}}[hue]
	dots.Color, dots.Shape, line.Width = line.Color, draw.CircleGlyph{}, vg.Points(1.5)
	if dashed {
		line.Dashes = []vg.Length{vg.Points(5), vg.Points(3)}
	}
	p.Add(line, dots)
	p.Legend.Add(fmt.Sprintf("%s, threads: %d", m.name, threads), line, dots)
	return nil
}
