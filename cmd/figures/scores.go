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
	"spdiff/sde/theory"
)

const (
	reach        = 2.6 // the panels show [−reach, reach]²
	arrowsAcross = 17  // across a panel
)

// A symmetry is one that figure 2 shows: a group, the density whose orbit is invariant, and points whose orbits are marked.
type symmetry struct {
	name   string
	group  *isometry.Group
	base   *theory.Mixture
	marked []point
	mirror bool // the group has the mirror at the diagonal, which is drawn
}

func symmetries() []symmetry {
	c := func(w, x, y, v float64) theory.Component {
		return theory.Component{Weight: w, Mean: []float64{x, y}, Variance: v}
	}
	return []symmetry{
		{"Mirror at the diagonal", isometry.Symmetric(2), theory.NewMixture(c(3, 1.1, -0.9, 0.2), c(2, -0.5, -1.2, 0.12), c(2, 0.9, 0.5, 0.1)),
			[]point{{0.35, -1.1}, {-0.2, -1.85}, {1.7, 0.15}}, true},
		{"Quarter turns", isometry.Cyclic(4), theory.NewMixture(c(3, 1.3, -0.2, 0.1), c(2, 1.45, 0.55, 0.05), c(1, 0.6, -0.35, 0.05)),
			[]point{{1.9, -0.75}, {0.75, 0.75}}, false},
	}
}

// scores makes figure 2: densities and their scores, with marked points x and all Ax. Where the density is invariant the score at
// Ax is A times the score at x (Lemma 1, eq. 8).
func scores(ctx context.Context, o *options) (*page, error) {
	const side, gap, foot = vg.Length(260), vg.Length(30), vg.Length(40)
	p := &page{w: 2*margin + 2*side + gap, h: head + 2*(side+gap) + foot}
	points := theory.Grid{Dim: 2, Cells: 24, Radius: reach}.Centres()
	for row, s := range symmetries() {
		for column, m := range []*theory.Mixture{s.base.Orbit(s.group), s.base} {
			title, shade := s.name+": an invariant density", blue
			if column == 1 {
				title, shade = s.name+": not invariant", red
			}
			f := func(z, x []float64, _ float64) { m.Score(z, x) }
			r := theory.Check{Group: s.group, Points: points}.Equivariant(f)
			p.measure("%s: s(Ax) and A·s(x) at %d points x, for %d elements A, differ at most by %s", title, len(points), s.group.Order(), said(r))
			x, y := margin+vg.Length(column)*(side+gap), head+vg.Length(row)*(side+gap)
			p.panel(s.panel(title, m, shade), x, y, side, side)
			p.text("s(Ax) and A·s(x) differ at most by "+said(r), x+side/2, y+side+13, letters(11, shade, draw.XCenter))
		}
	}
	p.scoresLegend(p.h - 24)
	return p, ctx.Err()
}

// said is a violation in words.
func said(r theory.Report) string {
	if r.Exact {
		return "0: equal bits"
	}
	return fmt.Sprintf("%.2g (relative)", r.Max)
}

// panel draws a density with its scores, everywhere faint, and strong at the marked points and where the group takes them: there
// on A·s(x), drawn wide.
func (s symmetry) panel(title string, m *theory.Mixture, shade color.RGBA) *plot.Plot {
	p := newPanel(title, [2]float64{-reach, reach}, [2]float64{-reach, reach})
	p.HideAxes()
	p.Add(densityMap(m))
	if s.mirror {
		p.Add(line{[]point{{-reach, -reach}, {reach, reach}}, stroke(1, faint, vg.Points(5), vg.Points(4))})
	} else {
		p.Add(dots{[]point{{0, 0}}, 2, faint})
	}
	for i := range arrowsAcross * arrowsAcross {
		x := point{reach * (2*float64(i%arrowsAcross) + 1 - arrowsAcross) / arrowsAcross, reach * (2*float64(i/arrowsAcross) + 1 - arrowsAcross) / arrowsAcross}
		p.Add(arrow{x, tip(x, score(m, x)), stroke(0.7, color.RGBA{105, 112, 126, 255})})
	}
	for _, x := range s.marked {
		for a := range s.group.Order() {
			ax, want := act(s.group, a, x), act(s.group, a, score(m, x))
			p.Add(arrow{ax, tip(ax, want), stroke(6, gold)}, arrow{ax, tip(ax, score(m, ax)), stroke(2, shade)})
			if a == 0 {
				p.Add(dots{[]point{ax}, 3.6, ink})
			} else {
				p.Add(dots{[]point{ax}, 2.6, shade})
			}
		}
	}
	return p
}

// score returns that of m at a point.
func score(m *theory.Mixture, x point) (z point) {
	m.Score(z[:], x[:])
	return z
}

// act returns A·x for element a.
func act(g *isometry.Group, a int, x point) (z point) {
	g.Act64(z[:], x[:], a)
	return z
}

// tip returns where the arrow of a score ends: long scores are shortened, as 0.11·s/√(1 + |s|²/30), for small ones to be seen.
func tip(x, s point) point {
	k := 0.11 / math.Sqrt(1+(s[0]*s[0]+s[1]*s[1])/30)
	return point{x[0] + k*s[0], x[1] + k*s[1]}
}

// densityMap shows a density in grey blue.
func densityMap(m *theory.Mixture) plot.Plotter {
	const n = 200
	var largest float64
	values := make([]float64, n*n)
	for i := range values {
		x := []float64{reach * (2*float64(i%n) + 1 - n) / n, reach * (2*float64(i/n) + 1 - n) / n}
		values[i] = m.Density(x)
		largest = max(largest, values[i])
	}
	all := [2]float64{-reach, reach}
	return heat(n, n, color.RGBA{140, 172, 210, 255}, all, all, func(x, y int) float64 { return math.Sqrt(values[y*n+x] / largest) })
}

// scoresLegend says what the marks are.
func (p *page) scoresLegend(y vg.Length) {
	key := newPanel("", [2]float64{0, 1}, [2]float64{0, 1})
	key.HideAxes()
	key.BackgroundColor = color.Transparent
	key.Add(dots{[]point{{0.02, 0.5}}, 3.6, ink}, dots{[]point{{0.045, 0.5}}, 2.6, blue}, note{point{0.065, 0.2}, "a point x, and Ax for all elements A", letters(11, ink, draw.XLeft)},
		arrow{point{0.47, 0.5}, point{0.54, 0.5}, stroke(6, gold)}, note{point{0.555, 0.2}, "A·s(x)", letters(11, ink, draw.XLeft)},
		arrow{point{0.66, 0.5}, point{0.73, 0.5}, stroke(2, blue)}, note{point{0.745, 0.2}, "s(Ax), where s = grad ln p", letters(11, ink, draw.XLeft)})
	p.panel(key, margin, y, p.w-2*margin, 18)
}
