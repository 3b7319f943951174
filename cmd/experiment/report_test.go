package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"spdiff"
	"spdiff/cmd/internal/cli/clitest"
	"spdiff/cmd/internal/grid"
	"spdiff/tensor/metrics"
)

var update = flag.Bool("update", false, "write the golden files anew")

// invented returns records of an experiment that nobody made.
func invented() (all []record) {
	value := func(v float64) *float64 { return &v }
	add := func(model, variant, measure string, size int, seed uint64, fd float64, change func(*record)) {
		r := record{Cell: sizeName(size) + "/" + model + "-" + string('0'+rune(seed)), Measure: measure, Model: model, Variant: variant, Size: size, Images: size, Seed: seed,
			Solver: "ddim", Evaluations: 50, Distance: "FD-digits", Quality: spdiff.Quality{Frechet: &spdiff.Frechet{FD: fd, FDLow: fd - 0.5, FDHigh: fd + 0.5}, N: 2000, Features: "digits/1115aa28"},
			Training: trained{Steps: 1000, Batch: 64, Seconds: 640, Machine: "some machine"}, Drawing: 100, Features: 2}
		if model == "wt" {
			r.Training.Warning = "its kernels are too small"
		}
		if variant != "" {
			r.Cell = sizeName(size) + "/" + model + "-" + variant + "-1"
		}
		if change != nil {
			change(&r)
		}
		drawn := fmt.Sprintf("go run ./cmd/evaluate -solver %s -steps %d -seed 1", r.Solver, r.Evaluations)
		if r.Step > 0 {
			drawn += " -model " + measure
		}
		r.Commands = []string{"go run ./cmd/train -method " + model, drawn}
		all = append(all, r)
	}
	for seed := range uint64(2) {
		s := float64(seed)
		for i, size := range []int{600, 60000} {
			add("plain", "", whole, size, seed+1, 30-10*float64(i)+s, func(r *record) { r.Deltax, r.Quality.InvFD = value(0.25+s/10), value(1.5) })
			add("wt", "", whole, size, seed+1, 50+s, func(r *record) { r.Deltax, r.Quality.InvFD = value(0), value(0.00012) })
			add("gc", "", whole, size, seed+1, 20-10*float64(i)-s, func(r *record) {
				r.Deltax = value(0)
				r.Quality.Orientations = []metrics.Proportion{{Share: 0.26}, {Share: 0.24}}
			})
		}
	}
	add("spgan", "", whole, 60000, 1, 0, func(r *record) {
		r.Training.Ended, r.Failed, r.Quality.Frechet = "collapsed at step 7", "sample 3: number 5 is NaN", nil
	})
	add("gc", "", "dpm-20", 60000, 1, 9.5, func(r *record) { r.Solver, r.Evaluations = "dpm", 20 })
	add("gc", "", "ddim-50", 60000, 1, 9.75, nil)
	add("gc", "", "ddim-flow-5", 60000, 1, 9.25, func(r *record) { r.Solver, r.Evaluations = "ddim-flow", 5 })
	add("gc", "", "dpm-20", 600, 1, 19, func(r *record) { r.Solver, r.Evaluations = "dpm", 20 }) // of an earlier call; not in the curves
	add("gc", "", "step-000000512", 600, 1, 18, func(r *record) { r.Step, r.Minutes = 512, 5.5 })
	add("gc", "", "step-000000512", 60000, 1, 12.345, func(r *record) { r.Step, r.Minutes = 512, 5.4321 })
	add("wt", "", "step-000000512", 60000, 1, 44, func(r *record) { r.Step, r.Minutes = 512, 5.5 })
	add("wt", "", "step-000000512", 60000, 2, 45, func(r *record) { r.Step, r.Minutes = 512, 5.5 }) // of a later call's seed; not in the curve
	add("gc", "decay", whole, 60000, 1, 8, nil)
	add("wt", "decay", whole, 600, 1, 28, nil) // of an earlier call; not in the ablation
	add("wt", "decay", whole, 60000, 1, 27, nil)
	add("gc", "classes", whole, 60000, 1, 10, nil)
	add("gc", "classes", "guidance-3", 60000, 1, 7, func(r *record) { r.Guidance = 3 })
	return all
}

// inventedOf returns the one of a cell and a measure.
func inventedOf(cell, measure string) record {
	all := invented()
	return all[slices.IndexFunc(all, func(r record) bool { return r.Cell == cell && r.Measure == measure })]
}

// writeRecord writes a record and the pictures beside it.
func writeRecord(out string, r record) error {
	path := recordPath(filepath.Join(out, r.Cell), r.Measure)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return errors.Join(writeJSON(path, r), grid.WriteRows(filepath.Join(filepath.Dir(path), stripFile), make([]float32, 2*28*28), 1, 2, 28, 28, 1))
}

// The report of invented numbers is the golden one. An ablation of an older version, in a folder that is no cell's now, is not in it.
func TestReport(t *testing.T) {
	o, err := parse([]string{"rotmnist", "-data", "mnist:a b", "-out", t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	old := inventedOf("60000/gc-decay-1", whole)
	old.Cell, old.Quality.FD = "ablation/decay-1", 99
	for _, r := range append(invented(), old) {
		if err := writeRecord(o.out, r); err != nil {
			t.Fatal(err)
		}
	}
	all, err := readRecords(o.out)
	if err != nil || len(all) != len(invented()) {
		t.Fatalf("%d records of %d, %v", len(all), len(invented()), err)
	}
	r := results{o, all}
	for name, text := range map[string]string{"report.md": r.markdown(), "report.csv": r.numbers(), "speed.csv": r.speeds()} {
		path := filepath.Join("testdata", name)
		if *update {
			os.MkdirAll("testdata", 0o755)
			os.WriteFile(path, []byte(text), 0o644)
		}
		if want := read(t, path); text != want {
			t.Errorf("%s is\n%s\nwant\n%s", name, text, want)
		}
	}
	names, err := r.draw()
	if err != nil || len(names) != 4 {
		t.Errorf("%v, %v", names, err)
	}
	for _, name := range names {
		if info, err := os.Stat(filepath.Join(o.out, name)); err != nil || info.Size() < 1000 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What is reported is shown too, before the names of the files: distances beside the paper's, what is to be told of a model, and speeds.
func TestReportIsShown(t *testing.T) {
	o := parsed(t, "rotmnist -out "+t.TempDir())
	for _, r := range invented() {
		if err := writeRecord(o.out, r); err != nil {
			t.Fatal(err)
		}
	}
	out := clitest.Captured(t, func() {
		if err := report(o); err != nil {
			t.Error(err)
		}
	})
	shown, _, _ := strings.Cut(out, "made:")
	for _, want := range []string{`SPDiff +30.* 5\.97`, `SPDiff\+WT† +50.* 3\.5`, `SP-GAN\* +149`, `SPDiff\+WT† .* 0 +0\.0004 +–`, `† SPDiff\+WT: its .*`, `SPDiff +1000 +100 +20`} {
		if !regexp.MustCompile("(?m)^" + want + "$").MatchString(shown) {
			t.Errorf("no line is %s:\n%s", want, out)
		}
	}
}

// A table for a terminal has its columns below each other, and no spaces at the ends of lines.
func TestPlain(t *testing.T) {
	got := table{{"model", "Δx₀", "paper's"}, {"SPDiff+WT", "0.3 (0.25–0.35)", ""}, {"SP-GAN*", "", "149"}}.plain()
	if want := `
model      Δx₀              paper's
SPDiff+WT  0.3 (0.25–0.35)
SP-GAN*                     149
`; "\n"+got != want {
		t.Errorf("%s; want %s", got, want)
	}
}

// Figure 5 is of the largest size and the first seed of each model, in their order.
func TestStrips(t *testing.T) {
	o := parsed(t, "rotmnist -out "+t.TempDir())
	all := invented()
	for _, r := range all {
		if err := writeRecord(o.out, r); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for _, s := range (results{o, all}).strips() {
		path, err := filepath.Rel(o.out, s.path)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, s.name+" "+filepath.ToSlash(path))
	}
	want := []string{"SPDiff 60000/plain-1/measured/strip.png", "SPDiff+WT 60000/wt-1/measured/strip.png", "SP-GAN 60000/spgan-1/measured/strip.png",
		"SPDiff+GC (ours) 60000/gc-1/measured/strip.png"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// The curve over evaluations is of one cell: of the largest size, of the first of subjects that has one, of its first seed.
func TestCurve(t *testing.T) {
	all := invented()
	for _, c := range []cell{{model: model{key: "gc"}, seed: 2}, {model: model{key: "cf"}, seed: 1}} { // of other calls
		r := inventedOf("60000/gc-1", "dpm-20")
		r.Cell, r.Model, r.Seed = folderOf(c.model.key, "", r.Size, c.seed), c.model.key, c.seed
		all = append(all, r)
	}
	some := results{all: all}.overEvaluations()
	if len(some) != 3 {
		t.Errorf("%d points", len(some))
	}
	for _, r := range some {
		if r.Cell != "60000/gc-1" {
			t.Errorf("a point is of %s", r.Cell)
		}
	}
}

// Where no record says on what machine its model was trained, the report does not say it.
func TestNoMachine(t *testing.T) {
	all := invented()
	for i := range all {
		all[i].Training.Machine = ""
	}
	text := results{parsed(t, "rotmnist"), all}.markdown()
	for _, want := range []string{"was trained for 12 minutes. Distances", "Over all sizes and seeds; the paper"} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %q:\n%s", want, text)
		}
	}
}

// A record without a distance counts in no mean of it, and the interval is that of the one that has it.
func TestNoDistance(t *testing.T) {
	r := inventedOf("600/gc-1", whole)
	for _, some := range [][]record{{r, {}}, {{}, r}} {
		if s := distances(some); s != (span{1, r.Quality.FD, r.Quality.FDLow, r.Quality.FDHigh}) {
			t.Errorf("%+v", s)
		}
	}
}

// What a record's file has that is none is an error that says what to do.
func TestBadRecords(t *testing.T) {
	dir := t.TempDir()
	folder := filepath.Join(dir, "600", "gc-1", measuredDir)
	os.MkdirAll(folder, 0o755)
	for text, want := range map[string]string{"{": "remove it", `{"model":"x"}`: "another version"} {
		os.WriteFile(filepath.Join(folder, "whole.json"), []byte(text), 0o644)
		if _, err := readRecords(dir); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestNumbers(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 14.61: "14.6", 168.3: "168", 2.214: "2.21", 0.29968: "0.2997", 0.0004321: "0.000432", 12345.6: "12346", 20: "20"} {
		if got := three(v); got != want {
			t.Errorf("%v is %s, want %s", v, got, want)
		}
	}
}
