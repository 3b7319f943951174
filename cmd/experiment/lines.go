package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// drawnBy is what older records of GANs have of a solver, which evaluate refuses.
var drawnBy = regexp.MustCompile(` -solver \S+ -steps \d+`)

// lines lists the commands of every row: those that other rows have had are not said again.
func (r results) lines() string {
	var b strings.Builder
	b.WriteString("## Commands\n\nEach does what a row says, alone. Of a row of Solvers, and of a model over minutes, there is one, with what varies.\n\n")
	said := map[string]bool{}
	for _, x := range r.of(func(x record) bool { return x.Step == 0 && !solverCurve(x) }) {
		b.WriteString(x.lines(x.Measure, said))
	}
	for _, x := range firsts(r.overEvaluations(), func(x record) string { return x.Solver }) {
		b.WriteString(x.lines(x.Solver+" in Solvers, `-steps` as the column says", said))
	}
	for _, x := range firsts(r.overMinutes(), func(x record) string { return x.Model }) {
		b.WriteString(x.lines("Minutes, `-model` as the step says", said))
	}
	return b.String()
}

// lines lists the commands of a record that were not said yet, under what they are of.
func (x record) lines(of string, said map[string]bool) string {
	text := ""
	m, _ := modelOf(x.Model)
	for _, c := range x.Commands {
		if m.isGAN() {
			c = drawnBy.ReplaceAllString(c, "")
		}
		if !said[c] {
			text += "    " + c + "\n"
		}
		said[c] = true
	}
	if text == "" {
		return ""
	}
	return fmt.Sprintf("`%s`, %s:\n\n%s\n", x.Cell, of, text)
}

// firsts returns the first record of each name.
func firsts(some []record, name func(record) string) (all []record) {
	for _, x := range some {
		if !slices.ContainsFunc(all, func(y record) bool { return name(x) == name(y) }) {
			all = append(all, x)
		}
	}
	return all
}
