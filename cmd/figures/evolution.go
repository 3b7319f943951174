package main

import (
	"context"
	"fmt"
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"spdiff/group/isometry"
	"spdiff/sde"
	"spdiff/sde/theory"
)

const (
	radius  = 4.0 // figure 4 evolves densities on [−radius, radius]
	until   = 0.5 // and shows the times 0 … until
	shown   = 3.4 // and the states [−shown, shown]
	columns = 160 // of its maps
)

// A drifting is a diffusion that figure 4 shows.
type drifting struct {
	name, formula string
	process       theory.Ito
}

// driftings are the paper's two: the VP-SDE, whose drift is u(t)·x, and one that pushes to a point off the middle.
func driftings() []drifting {
	vp := theory.Linear(sde.SongLinear, 1)
	const c = 1.4
	pushed := vp
	pushed.Drift = func(z, x []float64, t float64) {
		vp.Drift(z, x, t)
		z[0] -= float64(c * sde.SongLinear.Drift(t)) // u·(x − c)
	}
	return []drifting{
		{fmt.Sprintf("A drift that pushes to x = %g", c), fmt.Sprintf("f(x, t) = −β(t)/2·(x − %g)", c), pushed},
		{"The drift of the VP-SDE", "f(x, t) = −β(t)/2·x", vp},
	}
}

// evolution makes figure 4: the same symmetric p₀ under two drifts and the same noise. Under the one that commutes with x ↦ −x all
// p_t stay symmetric (Proposition 1): here, evolved on a grid, to the last bit.
func evolution(ctx context.Context, o *options) (*page, error) {
	const wide, narrow, tall, gap = vg.Length(400), vg.Length(235), vg.Length(215), vg.Length(22)
	p := &page{w: 2*margin + wide + narrow + gap, h: head + 2*(tall+gap)}
	flip := isometry.SignedPermutations(1)
	start := theory.NewMixture(theory.Component{Weight: 1, Mean: []float64{1}, Variance: 0.09}, theory.Component{Weight: 0.5, Mean: []float64{2.1}, Variance: 0.04}).Orbit(flip)
	for row, d := range driftings() {
		h, err := d.history(ctx, start, theory.Grid{Dim: 1, Cells: o.cells, Radius: radius})
		if err != nil {
			return nil, err
		}
		r := theory.Check{Group: flip, Points: h.grid.Centres(), Times: h.times}.Invariant(h.density)
		verdict, shade := fmt.Sprintf("largest |p(−x) − p(x)| is %.2g", r.Max), red
		if r.Exact {
			verdict, shade = "p(−x) = p(x), equal bits, at all times", blue
		}
		p.measure("%s, %s: over %d times, on %d cells, %s", d.name, d.formula, len(h.times), h.grid.Cells, verdict)
		y := head + vg.Length(row)*(tall+gap)
		left, err := d.paths(ctx, h, start, o.seed, shade)
		if err != nil {
			return nil, err
		}
		left.Title.Text = d.name + ",  " + d.formula
		p.panel(left, margin, y, wide, tall)
		p.panel(h.profiles(verdict, shade), margin+wide+gap, y, narrow, tall)
	}
	return p, nil
}

// A history is p_t at all times, on a grid.
type history struct {
	grid      theory.Grid
	times     []float64
	densities [][]float64
}

// history evolves the start.
func (d drifting) history(ctx context.Context, start *theory.Mixture, g theory.Grid) (*history, error) {
	h := &history{grid: g, times: sde.Uniform(0, until, columns)}
	return h, d.process.Evolve(ctx, g, g.Fill(start.Density), h.times, func(_ int, density []float64) {
		h.densities = append(h.densities, append([]float64(nil), density...))
	})
}

// density is a theory.Function, at the times of h.
func (h *history) density(x []float64, t float64) float64 {
	return h.grid.Function(h.densities[h.at(t)])(x, t)
}

// at returns the number of the time nearest to t.
func (h *history) at(t float64) int { return int(math.Round(t / until * float64(len(h.times)-1))) }

// paths draws the density over time, and some particles on it.
func (d drifting) paths(ctx context.Context, h *history, start *theory.Mixture, seed uint64, shade color.RGBA) (*plot.Plot, error) {
	p := newPanel("", [2]float64{0, until}, [2]float64{-shown, shown})
	p.X.Label.Text, p.Y.Label.Text = "time t", "x"
	p.Add(h.heat(shade))
	p.Add(line{[]point{{0, 0}, {until, 0}}, stroke(0.8, faint, vg.Points(4), vg.Points(3))})
	x := make([]float64, 8)
	start.Sample(x, seed)
	times := sde.Uniform(0, until, 500)
	walks := make([]line, len(x))
	err := d.process.Simulate(ctx, x, times, theory.Seeded(seed), func(i int, x []float64) {
		for k, v := range x {
			walks[k].points = append(walks[k].points, point{times[i], v})
		}
	})
	for _, w := range walks {
		w.style = stroke(0.6, ink)
		p.Add(w)
	}
	return p, err
}

// heat shows the densities, column after column in time.
func (h *history) heat(shade color.RGBA) plot.Plotter {
	const rows = 200
	return heat(len(h.times), rows, shade, [2]float64{0, until}, [2]float64{-shown, shown}, func(i, y int) float64 {
		x := shown * (2*float64(y) + 1 - rows) / rows
		return math.Pow(h.densities[i][h.grid.Cell([]float64{x})]/0.75, 0.8)
	})
}

// profiles draws p_t at four times, one above the other, each with its mirror image dashed.
func (h *history) profiles(title string, shade color.RGBA) *plot.Plot {
	const step = 0.8
	p := newPanel(title, [2]float64{-shown, shown}, [2]float64{-0.05, 4 * step})
	p.Title.TextStyle.Color = shade
	p.X.Label.Text = "x;  dashed: mirrored"
	p.HideY()
	for k, t := range []float64{0, 0.1, 0.2, until} {
		base := step * float64(3-k)
		curve, mirrored := h.curve(t, base, 1), h.curve(t, base, -1)
		under := append([]point{{-shown, base}}, curve...)
		p.Add(area{append(under, point{shown, base}), mix(shade, 0.25)}, line{curve, stroke(1.4, shade)},
			line{mirrored, stroke(1, ink, vg.Points(3), vg.Points(2.5))}, note{point{-shown + 0.1, base + 0.3}, fmt.Sprintf("t = %g", t), letters(10, ink, draw.XLeft)})
	}
	return p
}

// curve returns p_t above a base, as a function of x or of −x.
func (h *history) curve(t, base, sign float64) (points []point) {
	density := h.densities[h.at(t)]
	for i, c := range h.grid.Centres() {
		if math.Abs(c[0]) <= shown {
			points = append(points, point{sign * c[0], base + density[i]})
		}
	}
	return points
}
