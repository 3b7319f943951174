package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// quality is tables 3 and 4: distances at each size, Inv-FID and Δx₀ at the last, each beside the paper's.
func (r results) quality() string {
	name, by := r.inverseName()
	text := section("Quality", fmt.Sprintf("Inv-%s, Δx₀ and orientations are of the last size that a model has. Orientations: by how much the shares of the group's orientations among\n"+
		"the samples differ, in per cent, where the features tell them. %s\n\n![](sizes.png)", name, by), beside(r.parts()...))
	return text + r.notes()
}

// parts are the table of quality in parts, for which a terminal has room: the distances at each size, then all else.
func (r results) parts() (all []table) {
	sizes, _ := r.there()
	for _, n := range sizes {
		all = append(all, r.atSize(n))
	}
	if len(all) == 0 {
		return nil
	}
	return append(all, r.atLast())
}

// atSize is the distances at a size.
func (r results) atSize(size int) table {
	_, present := r.there()
	t := table{{"model", fmt.Sprintf("%s, %s images", r.all[0].Distance, sizeName(size)), "paper's FID"}}
	for _, m := range present {
		some := r.wholes(m.key, size)
		t.row(r.marked(m), distances(some).String()+failures(some), figure(r.experiment.published(m.key, size)))
	}
	for _, c := range r.experiment.cited {
		t.row(c.name, "", figure(r.experiment.at(c.published, size)))
	}
	return t
}

// atLast is Inv-FID, Δx₀ and orientations, of the last size that a model has.
func (r results) atLast() table {
	_, present := r.there()
	name, _ := r.inverseName()
	t := table{{"model", "Inv-" + name, "paper's Inv-FID", "Δx₀", "paper's", "orientations"}}
	for _, m := range present {
		p, ok := r.experiment.paper[m.key]
		if !ok {
			p.inverse, p.deltax = none, none
		}
		some := r.largest(m)
		t.row(r.marked(m), over(r.inverted(some), inverse).String(), figure(p.inverse), over(some, deltax).String(), figure(p.deltax), over(some, uneven).String())
	}
	for _, c := range r.experiment.cited {
		t.row(c.name, "", figure(c.inverse), "", figure(c.deltax), "")
	}
	return t
}

// largest returns the records of the main table of the last size that a model has.
func (r results) largest(m model) (some []record) {
	sizes, _ := r.there()
	for _, n := range sizes {
		if at := r.wholes(m.key, n); len(at) > 0 {
			some = at
		}
	}
	return some
}

// marked returns the name of a model, with a mark where there is a note on it.
func (r results) marked(m model) string {
	if len(r.warnings(m)) > 0 {
		return m.name + "†"
	}
	return m.name
}

// notes say what the marks mean.
func (r results) notes() (text string) {
	_, present := r.there()
	for _, m := range present {
		for _, w := range r.warnings(m) {
			text += fmt.Sprintf("\n† %s: %s.\n", m.name, w)
		}
	}
	return text
}

// warnings are what train warned of in the trainings of a model, or of that whose network it has.
func (r results) warnings(m model) []string {
	warned := func(x record) bool {
		return x.Variant == "" && x.Measure == whole && x.Model == m.key && x.Training.Warning != ""
	}
	return different(r.of(warned), func(x record) string { return x.Training.Warning })
}

// failures says how many trainings of a row broke off.
func failures(some []record) string {
	n := 0
	for _, r := range some {
		if r.Training.Ended != "" {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" (%d of %d broke off)", n, len(some))
}

// order says in which order the models come, and in which the paper's.
func (r results) order() string {
	sizes, present := r.there()
	t := table{{"images", "from the best on", "those of the paper, in its order"}}
	for _, n := range sizes {
		type place struct {
			name       string
			fd, theirs float64
		}
		var all []place
		for _, m := range present {
			if s := distances(r.wholes(m.key, n)); s.n > 0 {
				all = append(all, place{m.name, s.mean, r.experiment.published(m.key, n)})
			}
		}
		names := func(by func(place) float64, keep func(place) bool) string {
			some := slices.Clone(all)
			some = slices.DeleteFunc(some, func(p place) bool { return !keep(p) })
			slices.SortStableFunc(some, func(a, b place) int { return cmp.Compare(by(a), by(b)) })
			var words []string
			for _, p := range some {
				words = append(words, p.name)
			}
			return strings.Join(words, " < ")
		}
		t.row(sizeName(n), names(func(p place) float64 { return p.fd }, func(place) bool { return true }),
			names(func(p place) float64 { return p.theirs }, func(p place) bool { return p.theirs != none }))
	}
	return section("Order", "By the mean over the seeds; where intervals meet, the order says nothing.", t)
}

// symmetry is table 2.
func (r results) symmetry() string {
	_, present := r.there()
	t := table{{"model", "invariant samples", "equivariant paths"}}
	for _, m := range present {
		samples, paths := m.guarantees()
		t.row(m.name, samples, paths)
	}
	return section("Symmetry", "Table 2 of the paper, of what there is here: whether samples are exactly as likely in all orientations, and whether the path from a turned\n"+
		"start, with noise that is turned too, is the turned path, to the last bit. A GAN has no path.", t)
}

// speed is images a second.
func (r results) speed() string {
	return section("Speed", "Over all sizes and seeds"+r.on()+"; the paper has no figures of speed.", r.rates())
}

func (r results) rates() table {
	sizes, present := r.there()
	t := table{{"model", "steps", "images a second in training", "images a second drawn"}}
	for _, m := range present {
		var some []record
		for _, n := range sizes {
			some = append(some, r.wholes(m.key, n)...)
		}
		t.row(m.name, over(some, stepsOf).String(), over(some, trainingRate).String(), over(some, drawingRate).String())
	}
	return t
}

// solvers is quality against evaluations.
func (r results) solvers() string {
	some := r.overEvaluations()
	if len(some) == 0 {
		return ""
	}
	m, _ := modelOf(some[0].Model)
	at := func(solver string, n int) string {
		return distances(where(some, func(x record) bool { return x.Solver == solver && x.Evaluations == n })).String()
	}
	counts := different(some, func(x record) int { return x.Evaluations })
	t := table{{"evaluations"}}
	for _, n := range counts {
		t[0] = append(t[0], fmt.Sprint(n))
	}
	for _, solver := range different(some, func(x record) string { return x.Solver }) {
		row := []string{solver}
		for _, n := range counts {
			row = append(row, at(solver, n))
		}
		t.row(row...)
	}
	return section("Solvers", fmt.Sprintf("%s of %s at %s images, seed %d, %d samples each. With -flow no new noise is brought; dopri takes as many evaluations as its tolerance wants.\n\n![](solvers.png)",
		some[0].Distance, m.name, sizeName(some[0].Size), some[0].Seed, r.CurveSamples), t)
}

// different returns the values that records have, each once, in order.
func different[T cmp.Ordered](some []record, of func(record) T) (all []T) {
	for _, x := range some {
		all = append(all, of(x))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// solverCurve reports whether a record is a point of a curve over evaluations.
func solverCurve(x record) bool {
	return x.Variant == "" && x.Measure == fmt.Sprintf("%s-%d", x.Solver, x.Evaluations)
}

// overEvaluations returns the points of that curve, of one cell.
func (r results) overEvaluations() []record {
	all := r.of(solverCurve)
	if len(all) == 0 {
		return nil
	}
	cell := foremost(all).Cell
	return where(all, func(x record) bool { return x.Cell == cell })
}

// minutes is quality against minutes.
func (r results) minutes() string {
	some := r.overMinutes()
	if len(some) == 0 {
		return ""
	}
	t := table{{"model", "minutes", "step", some[0].Distance}}
	for _, x := range some {
		m, _ := modelOf(x.Model)
		t.row(m.name, three(x.Minutes), fmt.Sprint(x.Step), distances([]record{x}).String())
	}
	return section("Minutes", fmt.Sprintf("Models that were kept on the way, at %s images, of each model's first seed; %d samples each.\n\n![](minutes.png)", sizeName(some[0].Size), r.CurveSamples), t)
}

// overMinutes returns the points of that curve, of the largest size that has any, and of each model's first seed there.
func (r results) overMinutes() []record {
	all := r.of(func(x record) bool { return x.Step > 0 })
	if len(all) == 0 {
		return nil
	}
	size, first := all[len(all)-1].Size, map[string]uint64{}
	all = where(all, func(x record) bool { return x.Size == size })
	for _, x := range slices.Backward(all) {
		first[x.Model] = x.Seed
	}
	return where(all, func(x record) bool { return x.Seed == first[x.Model] })
}

// ablation is the model, and what each thing changes.
func (r results) ablation() string {
	changed := r.of(func(x record) bool { return x.Variant != "" })
	if len(changed) == 0 {
		return ""
	}
	top := foremost(changed) // those of other calls' models and sizes are in report.csv
	changed = where(changed, func(x record) bool { return x.Model == top.Model && x.Size == top.Size })
	m, _ := modelOf(top.Model)
	whole := r.wholes(m.key, top.Size)
	t := table{{"", "steps", r.all[0].Distance, "of the model's"}, {m.name, over(whole, stepsOf).String(), distances(whole).String(), ""}}
	for _, v := range variants {
		for _, w := range v.guidances() {
			name := v.name
			if w != 0 {
				name += fmt.Sprintf(", guidance %v", w)
			}
			some := where(changed, func(x record) bool { return x.Variant == v.key && x.Guidance == w })
			if s := distances(some); s.n > 0 {
				t.row(name, over(some, stepsOf).String(), s.String()+failures(some), share(s, distances(ofSeeds(whole, some))))
			}
		}
	}
	return section("Ablation", fmt.Sprintf("%s at %s images, with one thing changed at a time. The last column is of the same seeds.", m.name, sizeName(top.Size)), t)
}

// ofSeeds returns those of all records that have a seed of some.
func ofSeeds(all, some []record) []record {
	return where(all, func(x record) bool {
		return slices.ContainsFunc(some, func(y record) bool { return x.Seed == y.Seed })
	})
}

// share returns a mean as a share of another.
func share(s, of span) string {
	if of.n == 0 || of.mean == 0 {
		return "–"
	}
	return fmt.Sprintf("%.2f×", s.mean/of.mean)
}

// figure5 shows samples of each model.
func (r results) figure5() string {
	if len(r.strips()) == 0 {
		return ""
	}
	return "## Figure 5\n\nThe first ten samples of each model at the largest size, of the first seed. Each folder's `measured/samples.png` has 64.\n\n![](figure5.png)\n"
}
