package main

import (
	"context"
	"fmt"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"spdiff/group/isometry"
	"spdiff/sde"
	"spdiff/sde/theory"
)

// noisy and clean are the times between which figure 3 moves, against time, as a sampler does.
const (
	noisy = 0.45
	clean = 0.02
)

// The three panels, in points.
const (
	panelWide = vg.Length(255)
	panelTall = vg.Length(300)
	panelGap  = vg.Length(18)
)

// atoms is a distribution on points of the line, of equal weight, at a few times: states[i][k] is where atom k is at time i.
type atoms struct {
	times  []float64
	states [][]float64
}

// reversal returns the reversal of the VP-SDE from two peaks at ±1.2, with the exact score.
func reversal(lambda float64) theory.Ito {
	start := theory.NewMixture(theory.Component{Weight: 1, Mean: []float64{1.2}, Variance: 0.03}).Orbit(isometry.SignedPermutations(1))
	e := theory.Evolution{Start: start, Process: sde.SongLinear}
	return theory.Linear(sde.SongLinear, 1).Reverse(e.Score, lambda, noisy)
}

// transitions makes figure 3: two ways between the same symmetric distributions on eight points, and one path with noise.
func transitions(ctx context.Context, o *options) (*page, error) {
	const wide, tall, gap = panelWide, panelTall, panelGap
	p := &page{w: 2*margin + 3*wide + 2*gap, h: head + tall + 62}
	flow, err := flowing(ctx)
	if err != nil {
		return nil, err
	}
	mixed := flow.crossed()
	for i, a := range []*atoms{mixed, flow} {
		what, shade := "(a) paths that cross", red
		if i == 1 {
			what, shade = "(b) the reversed diffusion's flow", blue
		}
		said := []string{
			fmt.Sprintf("symmetric distributions: %d of %d", a.symmetric(), len(a.states)),
			fmt.Sprintf("%d crossings; a step T has |T(−x) + T(x)| up to %s", a.crossings(), zero(a.violation())),
		}
		p.placed(i, a.panel(what, shade), said, shade)
		p.measure("%s: %s; %s", what, said[0], said[1])
	}
	last, said, err := noisyPaths(ctx, o.seed)
	if err != nil {
		return nil, err
	}
	p.placed(2, last, said, blue)
	p.measure("(c) with noise: %s; %s", said[0], said[1])
	return p, nil
}

// placed places panel i of three, with two lines below it.
func (p *page) placed(i int, panel *plot.Plot, below []string, shade color.RGBA) {
	const wide, tall, gap = panelWide, panelTall, panelGap
	x := margin + vg.Length(i)*(wide+gap)
	p.panel(panel, x, head, wide, tall)
	for k, t := range below {
		p.text(t, x+wide/2, head+tall+vg.Length(18+16*k), letters(11, shade, draw.XCenter))
	}
}

// flowing moves eight atoms by the probability flow, whose drift commutes with x ↦ −x.
func flowing(ctx context.Context) (*atoms, error) {
	const shots, steps = 5, 400
	a := &atoms{}
	x := []float64{-2.1, -1.3, -0.75, -0.25, 0.25, 0.75, 1.3, 2.1}
	times := sde.Uniform(0, noisy-clean, steps)
	none := func(z []float64, _ int) { clear(z) }
	return a, reversal(0).Simulate(ctx, x, times, none, func(i int, x []float64) {
		if i%(steps/(shots-1)) == 0 {
			a.times, a.states = append(a.times, times[i]), append(a.states, slices.Clone(x))
		}
	})
}

// crossed returns atoms on the same points at the same times that exchange their places on the way.
func (a *atoms) crossed() *atoms {
	z := &atoms{times: a.times}
	order := []int{0, 1, 2, 3, 4, 5, 6, 7}
	for i, swap := range [][][2]int{{}, {{0, 2}, {5, 6}}, {{3, 5}, {6, 7}}, {{1, 2}, {4, 7}}, {{0, 3}, {5, 6}}} {
		for _, s := range swap {
			order[s[0]], order[s[1]] = order[s[1]], order[s[0]]
		}
		state := make([]float64, len(order))
		for place, atom := range order {
			state[atom] = a.states[i][place]
		}
		z.states = append(z.states, state)
	}
	return z
}

// symmetric counts the times at which the points are those mirrored.
func (a *atoms) symmetric() (n int) {
	for _, x := range a.states {
		up, down := slices.Clone(x), make([]float64, len(x))
		for k, v := range x {
			down[k] = -v
		}
		slices.Sort(up)
		slices.Sort(down)
		if slices.Equal(up, down) {
			n++
		}
	}
	return n
}

// violation returns the largest |T(−x) + T(x)| of the steps T: atom k begins at −x of atom 7 − k.
func (a *atoms) violation() (largest float64) {
	for i := range a.states[1:] {
		for k, x := range a.states[i] {
			mirrored := slices.Index(a.states[i], -x)
			largest = max(largest, a.states[i+1][k]+a.states[i+1][mirrored])
		}
	}
	return largest
}

// crossings counts the pairs of atoms that change their order in a step.
func (a *atoms) crossings() (n int) {
	for i := range a.states[1:] {
		from, to := a.states[i], a.states[i+1]
		for k := range from {
			for j := range k {
				if (from[j] < from[k]) != (to[j] < to[k]) {
					n++
				}
			}
		}
	}
	return n
}

// panel draws the atoms and their steps.
func (a *atoms) panel(title string, shade color.RGBA) *plot.Plot {
	p := timePanel(title)
	for k := range a.states[0] {
		for i := range a.states[1:] {
			from, to := point{a.times[i], a.states[i][k]}, point{a.times[i+1], a.states[i+1][k]}
			p.Add(arrow{from, toward(from, to), stroke(1.3, mix(shade, 0.8))})
		}
	}
	for i, x := range a.states {
		for _, v := range x {
			p.Add(dots{[]point{{a.times[i], v}}, 3.2, ink})
		}
	}
	return p
}

// toward returns a point shortly before the end of an arrow, for its head to be seen beside the dot.
func toward(from, to point) point {
	const part = 0.93
	return point{from[0] + part*(to[0]-from[0]), from[1] + part*(to[1]-from[1])}
}

// timePanel is an empty panel over reversed time.
func timePanel(title string) *plot.Plot {
	const edge = 0.02
	p := newPanel(title, [2]float64{-edge, noisy - clean + edge}, [2]float64{-2.5, 2.5})
	p.X.Label.Text, p.Y.Label.Text = "from noise (left) to data (right)", "x"
	p.X.Tick.Marker = plot.ConstantTicks(nil)
	p.Y.Tick.Marker = plot.ConstantTicks{{Value: -2, Label: "−2"}, {Value: -1, Label: "−1"}, {Value: 0, Label: "0"}, {Value: 1, Label: "1"}, {Value: 2, Label: "2"}}
	p.Add(line{[]point{{-edge, 0}, {noisy - clean + edge, 0}}, stroke(0.8, faint, vg.Points(4), vg.Points(3))})
	return p
}

// noisyPaths draws what the reversed SDE makes of x with the noise ε, of −x with −ε, and of −x with ε unturned (eq. 19 and section
// 5.2), and says how far the ends are from being mirrored.
func noisyPaths(ctx context.Context, seed uint64) (*plot.Plot, []string, error) {
	const steps = 24
	times, sde := sde.Uniform(0, noisy-clean, steps), reversal(1)
	walk := func(x, sign float64) (points []point, err error) {
		noise := func(z []float64, step int) {
			theory.Seeded(seed)(z, step)
			z[0] *= sign
		}
		return points, sde.Simulate(ctx, []float64{x}, times, noise, func(i int, x []float64) { points = append(points, point{times[i], x[0]}) })
	}
	p := timePanel("(c) steps with noise ε")
	const x = 0.9
	var ends []float64
	for i, w := range []struct {
		x, sign float64
		style   draw.LineStyle
		color   color.RGBA
		name    string
	}{
		{x, 1, stroke(1.6, ink), ink, "from x with ε"},
		{-x, 1, stroke(1.2, red, vg.Points(3), vg.Points(2)), red, "from −x with ε"},
		{-x, -1, stroke(1.6, blue), blue, "from −x with −ε"},
	} {
		points, err := walk(w.x, w.sign)
		if err != nil {
			return nil, nil, err
		}
		p.Add(line{points, w.style}, dots{points, 1.7, w.color}, note{point{0, 2.25 - 0.27*float64(i)}, w.name, letters(10.5, w.color, draw.XLeft)})
		ends = append(ends, points[steps][1])
	}
	return p, []string{
		fmt.Sprintf("from −x with −ε it ends at minus the end, within %s", zero(math.Abs(ends[2]+ends[0]))),
		fmt.Sprintf("from −x with ε (dashed) it is %s away from there", zero(math.Abs(ends[1]+ends[0]))),
	}, nil
}

// zero is a difference in words.
func zero(d float64) string {
	if d == 0 {
		return "0"
	}
	return fmt.Sprintf("%.2g", d)
}
