package main

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"

	"spdiff/cmd/internal/plot"
	"spdiff/tensor/atomicfile"
)

// draw draws the plots and figure 5, of what there is, and returns their names.
func (r results) draw() (names []string, err error) {
	distance := r.all[0].Distance
	for _, p := range []struct {
		name   string
		curves plot.Curves
	}{
		{"sizes.png", plot.Curves{Title: distance + " against the training set", X: "images", Y: distance, Of: r.bySize()}},
		{"solvers.png", plot.Curves{Title: distance + " against evaluations", X: "evaluations a sample", Y: distance, Of: r.bySolver()}},
		{"minutes.png", plot.Curves{Title: distance + " against minutes of training", X: "minutes", Y: distance, Of: r.byMinutes()}},
	} {
		if len(p.curves.Of) == 0 {
			continue
		}
		if err := atomicfile.Written(p.curves.Write(filepath.Join(r.out, p.name))); err != nil {
			return nil, err
		}
		names = append(names, p.name)
	}
	strips := r.strips()
	if len(strips) == 0 {
		return names, nil
	}
	return append(names, "figure5.png"), atomicfile.Written(sideBySide(filepath.Join(r.out, "figure5.png"), strips))
}

// bySize is a curve a model.
func (r results) bySize() (all []plot.Curve) {
	sizes, present := r.there()
	for _, m := range present {
		c := plot.Curve{Name: m.name}
		for _, n := range sizes {
			some := r.wholes(m.key, n)
			if s := distances(some); s.n > 0 {
				c.Points = append(c.Points, plot.Point{X: float64(some[0].Images), Value: s.mean, Low: s.low, High: s.high})
			}
		}
		all = append(all, c)
	}
	return all
}

func (r results) bySolver() (all []plot.Curve) {
	return grouped(r.overEvaluations(), func(x record) string { return x.Solver }, func(x record) float64 { return float64(x.Evaluations) })
}

func (r results) byMinutes() (all []plot.Curve) {
	name := func(x record) string { m, _ := modelOf(x.Model); return m.name }
	return grouped(r.overMinutes(), name, func(x record) float64 { return x.Minutes })
}

// grouped returns a curve for each name, in the order of the records.
func grouped(some []record, name func(record) string, x func(record) float64) (all []plot.Curve) {
	for _, r := range some {
		i := slices.IndexFunc(all, func(c plot.Curve) bool { return c.Name == name(r) })
		if i < 0 {
			i, all = len(all), append(all, plot.Curve{Name: name(r)})
		}
		if s := distances([]record{r}); s.n > 0 {
			all[i].Points = append(all[i].Points, plot.Point{X: x(r), Value: s.mean, Low: s.low, High: s.high})
		}
	}
	for _, c := range all {
		slices.SortFunc(c.Points, func(a, b plot.Point) int { return cmp.Compare(a.X, b.X) })
	}
	return all
}

// A stripe is a row of figure 5.
type stripe struct{ name, path string }

// strips returns the strips of the largest size and the first seed of each model.
func (r results) strips() (all []stripe) {
	sizes, present := r.there()
	for _, m := range present {
		for _, n := range slices.Backward(sizes) {
			some := r.wholes(m.key, n)
			if len(some) == 0 {
				continue
			}
			path := filepath.Join(r.out, filepath.FromSlash(some[0].Cell), measuredDir, stripFile)
			if _, err := os.Stat(path); err == nil {
				all = append(all, stripe{m.name, path})
				break
			}
		}
	}
	return all
}
