package main

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A table is rows of cells of text; the first row is its head.
type table [][]string

func (t *table) row(cells ...string) { *t = append(*t, cells) }

// String returns the table as Markdown, "" if it has a head alone.
func (t table) String() string {
	if len(t) < 2 {
		return ""
	}
	var b strings.Builder
	for i, row := range t {
		b.WriteString("| " + strings.Join(row, " | ") + " |\n")
		if i == 0 {
			b.WriteString("|" + strings.Repeat("---|", len(row)) + "\n")
		}
	}
	return b.String()
}

// section returns a heading, a paragraph and a table, nothing where there is no table.
func section(title, text string, t table) string {
	if body := t.String(); body != "" {
		return "## " + title + "\n\n" + strings.TrimSpace(text) + "\n\n" + body
	}
	return ""
}

// quality is tables 3 and 4: distances at each size, Inv-FID and Δx₀ at the last, each beside the paper's.
func (r results) quality() string {
	sizes, present := r.there()
	distance := r.all[0].Distance
	head := []string{"model"}
	for _, n := range sizes {
		head = append(head, fmt.Sprintf("%s, %s images", distance, sizeName(n)), "paper's FID")
	}
	t := table{append(head, "Inv-"+distance, "paper's Inv-FID", "Δx₀", "paper's", "orientations")}
	for _, m := range present {
		row := []string{m.name}
		var last []record
		for _, n := range sizes {
			some := r.wholes(m.key, n)
			if len(some) > 0 {
				last = some
			}
			row = append(row, distances(some).String()+failures(some), figure(r.experiment.published(m.key, n)))
		}
		p, ok := r.experiment.paper[m.key]
		if !ok {
			p.inverse, p.deltax = none, none
		}
		t = append(t, append(row, over(last, inverse).String(), figure(p.inverse), over(last, deltax).String(), figure(p.deltax), over(last, uneven).String()))
	}
	return section("Quality", fmt.Sprintf("Inv-%s, Δx₀ and orientations are of the last size that a model has. Orientations: by how much the shares of the group's orientations among\n"+
		"the samples differ, in per cent, where the features tell them. Features that no turn changes have an Inv-%s of 0 whatever the samples are.\n\n![](sizes.png)", distance, distance), t)
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

// speed is images a second.
func (r results) speed() string {
	sizes, present := r.there()
	t := table{{"model", "exact", "steps", "images a second in training", "images a second drawn"}}
	for _, m := range present {
		var some []record
		for _, n := range sizes {
			some = append(some, r.wholes(m.key, n)...)
		}
		exact := "yes"
		if !m.exact() {
			exact = "no"
		}
		t.row(m.name, exact, over(some, stepsOf).String(), over(some, trainingRate).String(), over(some, drawingRate).String())
	}
	return section("Speed", "Over all sizes and seeds"+r.on()+"; the paper has no figures of speed.", t)
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
	return section("Minutes", fmt.Sprintf("Models that were kept on the way, at %s images, seed %d; %d samples each.\n\n![](minutes.png)", sizeName(some[0].Size), some[0].Seed, r.CurveSamples), t)
}

// overMinutes returns the points of that curve, of the size and the seed of the last: that size is the largest.
func (r results) overMinutes() []record {
	all := r.of(func(x record) bool { return x.Step > 0 })
	return where(all, func(x record) bool {
		last := all[len(all)-1]
		return x.Size == last.Size && x.Seed == last.Seed
	})
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
	base := distances(whole)
	t := table{{"", "steps", r.all[0].Distance, "of the model's"}, {m.name, over(whole, stepsOf).String(), base.String(), ""}}
	for _, v := range variants {
		for _, w := range v.guidances() {
			name := v.name
			if w != 0 {
				name += fmt.Sprintf(", guidance %v", w)
			}
			some := where(changed, func(x record) bool { return x.Variant == v.key && x.Guidance == w })
			if s := distances(some); s.n > 0 {
				t.row(name, over(some, stepsOf).String(), s.String()+failures(some), share(s, base))
			}
		}
	}
	return section("Ablation", fmt.Sprintf("%s at %s images, with one thing changed at a time.", m.name, sizeName(top.Size)), t)
}

// share returns a mean as a share of another.
func share(s, of span) string {
	if of.n == 0 || of.mean == 0 {
		return "–"
	}
	return fmt.Sprintf("%.2f×", s.mean/of.mean)
}

// drawnBy is what older records of GANs have of a solver, which evaluate refuses.
var drawnBy = regexp.MustCompile(` -solver \S+ -steps \d+`)

// lines lists the commands of every row: those that other rows have had are not said again.
func (r results) lines() string {
	var b strings.Builder
	b.WriteString("## Commands\n\nEach does what a row says, alone.\n\n")
	seen := map[string]bool{}
	for _, x := range r.of(func(x record) bool { return x.Step == 0 && !solverCurve(x) }) {
		text := ""
		m, _ := modelOf(x.Model)
		for _, c := range x.Commands {
			if m.isGAN() {
				c = drawnBy.ReplaceAllString(c, "")
			}
			if !seen[c] {
				text += "    " + c + "\n"
			}
			seen[c] = true
		}
		if text != "" {
			fmt.Fprintf(&b, "`%s`, %s:\n\n%s\n", x.Cell, x.Measure, text)
		}
	}
	return b.String()
}

// figure5 shows samples of each model.
func (r results) figure5() string {
	if len(r.strips()) == 0 {
		return ""
	}
	return "## Figure 5\n\nThe first ten samples of each model at the largest size, of the first seed. Each folder's `measured/samples.png` has 64.\n\n![](figure5.png)\n"
}
