package main

import (
	"slices"
	"strconv"
	"strings"
	"testing"
)

// printed are tables 3 and 4 as the paper prints them: FID, of table 3 at 1, 5, 10 and 100 % of the images, Inv-FID and Δx₀.
var printed = map[string]string{
	"rotmnist": `
		SPDiff        | 5.97  | 3.05  | 3.47 | 2.81  | 2.21  | 0.2997
		SPDiff+WT     | 5.80  | 3.34  | 3.57 | 3.50  | 2.20  | 0.0004
		SPDiff+OC     | 6.10  | 3.09  | 3.45 | 2.82  | 2.12  | 0.0002
		SPDiff+Reg    | 5.42  | 3.69  | 2.83 | 2.75  | 2.09  | 0.1806
		SPDiff+Reg+OC | 5.64  | 3.67  | 2.86 | 2.64  | 2.07  | 0.0002
		SP-GAN*       | 149   | 99    | 88   | 81    | –     | –
		SP-GAN        | 16.59 | 11.28 | 9.02 | 10.95 | 19.92 | –`,
	"lysto": `
		SPDiff        | 7.88   | 0.66 | 0.0845
		SPDiff+WT     | 12.75  | 0.59 | 0.0002
		SPDiff+OC     | 7.84   | 0.64 | 0.0001
		SPDiff+Reg    | 6.66   | 0.60 | 0.0762
		SPDiff+Reg+OC | 6.64   | 0.60 | –
		SP-GAN*       | 205    | –    | –
		SP-GAN        | 148.26 | 0.71 | –`,
}

// The experiments have every number of tables 3 and 4, and no other: at these sizes, of these models, beside their own where the paper's
// are not those of others. Cells have those of LYSTO.
func TestPaperNumbers(t *testing.T) {
	for name, at := range map[string][]int{"rotmnist": {600, 3000, 6000, 60000}, "lysto": {0}, "cells": {0}} {
		text, ok := printed[name]
		if !ok {
			text = printed["lysto"]
		}
		rows := strings.Split(strings.TrimSpace(text), "\n")
		e, _ := experimentOf(name)
		if n := len(e.paper) + len(e.cited); n != len(rows) {
			t.Errorf("%s has numbers of %d models, the paper of %d", name, n, len(rows))
		}
		for _, row := range rows {
			checkPrinted(t, e, at, row)
		}
	}
}

// checkPrinted compares what an experiment has of a model, at these sizes, with a row of the paper.
func checkPrinted(t *testing.T, e experiment, at []int, row string) {
	t.Helper()
	cells := strings.Split(row, "|")
	name := strings.TrimSpace(cells[0])
	p := rowOf(e, name)
	var got []float64
	for _, n := range at {
		got = append(got, e.at(p, n))
	}
	got = append(got, p.inverse, p.deltax)
	for i, cell := range cells[1:] {
		want, err := strconv.ParseFloat(strings.TrimSpace(cell), 64)
		if err != nil {
			want = none
		}
		if got[i] != want {
			t.Errorf("%s, %s: number %d is %v, the paper's %s", e.name, name, i+1, got[i], strings.TrimSpace(cell))
		}
	}
}

// rowOf returns what an experiment has of the row of a name.
func rowOf(e experiment, name string) published {
	for _, c := range e.cited {
		if c.name == name {
			return c.published
		}
	}
	return e.paper[models[slices.IndexFunc(models, func(m model) bool { return m.name == name })].key]
}

// What models guarantee is what table 2 of the paper says of its own.
func TestPaperGuarantees(t *testing.T) {
	for name, want := range map[string][2]string{
		"SPDiff": {"no", "no"}, "SPDiff+WT": {"yes", "yes"}, "SPDiff+OC": {"yes", "yes"}, "SPDiff+Reg": {"no", "no"}, "SPDiff+Reg+OC": {"yes", "yes"}, "SP-GAN": {"yes", "–"},
	} {
		m := models[slices.IndexFunc(models, func(m model) bool { return m.name == name })]
		if samples, paths := m.guarantees(); samples != want[0] || paths != want[1] {
			t.Errorf("%s: %s and %s, want %v", name, samples, paths, want)
		}
	}
}
