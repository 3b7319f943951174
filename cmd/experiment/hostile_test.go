package main

import (
	"path/filepath"
	"testing"

	"spdiff/cmd/internal/cli/clitest"
)

// Whatever the flags, the command ends with an error or does what they say: here that is the report of what is there.
func TestHostileFlags(t *testing.T) {
	out := filepath.Join(t.TempDir(), "e")
	s := settings{Name: "rotmnist", Data: "digits", Reference: "digits", Minutes: 12, Samples: 2000, CurveSamples: 500, Restore: 64, Evaluations: 50, Solver: "ddim"}
	if err := writeJSON(filepath.Join(out, settingsFile), s); err == nil {
		t.Fatal("a file was written into no folder")
	}
	t.Chdir(t.TempDir())
	for _, r := range invented() {
		if r.Model != "spgan" {
			if err := writeRecord(out, r); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := s.keep(out); err != nil {
		t.Fatal(err)
	}
	clitest.Hostile{
		Run: run,
		Base: func(int) []string {
			return []string{"rotmnist", "-merge", "-out", out, "-models", "gc", "-sizes", "600", "-tables", ""}
		},
		Words: []string{"rotmnist", "wt,gc", "600,all", "minutes", "dpm", "0/3", "-width 32"},
		Leave: []string{"merge"},
	}.Test(t)
}
