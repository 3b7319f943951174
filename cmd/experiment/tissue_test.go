package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"spdiff/cmd/internal/cli/clitest"
)

// The experiments of tissue and of generated cells go from images to the report: over D4, of images in colour, at a size called all, with the
// paper's table 4 beside their own numbers.
func TestTissue(t *testing.T) {
	clitest.NeedsSIMD(t)
	file, err := filepath.Abs("../internal/lysto/testdata/lysto.h5")
	if err != nil {
		t.Fatal(err)
	}
	for name, more := range map[string][]string{
		"lysto": {"-data", "lysto:" + file, "-models", "plain,oc,spgan"},
		"cells": {"-reference", "lysto:" + file, "-models", "plain"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			args := slices.Concat([]string{name, "-diffusion", "-width 32 -mult 1,1,1,1 -blocks 1 -batch 1 -attention= -save 0", "-gan", "-batch 1 -save 0", "-tables", ""},
				strings.Fields("-seeds 1 -steps 2 -samples 4 -restore 2 -evaluations 2 -out a"), more)
			do(t, args...)
			for model := range strings.SplitSeq(more[len(more)-1], ",") {
				checkTissue(t, model)
			}
		})
	}
}

// checkTissue checks the record of a model, and its row in the report.
func checkTissue(t *testing.T, key string) {
	t.Helper()
	m, _ := modelOf(key)
	var r record
	if err := readJSON(recordPath(filepath.Join("a", "all", key+"-1"), whole), &r); err != nil {
		t.Fatal(err)
	}
	if r.Distance != "FD-cells" || r.Failed != "" || !(r.Quality.FD > 0) || !strings.Contains(r.Commands[0], " -group D4 ") {
		t.Errorf("%s: %+v", r.Cell, r)
	}
	if (r.Deltax == nil) != m.isGAN() || r.Deltax != nil && (*r.Deltax == 0) != m.exact() {
		t.Errorf("%s: Δx₀ is %v", r.Cell, exactly(r.Deltax))
	}
	text, paper := read(t, "a", "report.md"), figure(lysto[key].fid[0])
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "| "+m.name+" | ") && strings.Contains(line, " | "+paper+" | ") {
			return
		}
	}
	t.Errorf("no row of %s has the paper's %s:\n%s", m.name, paper, text)
}
