package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"spdiff/cmd/internal/cli/clitest"
)

// Flags that do not fit are usage errors that say what would, and nothing is made.
func TestBadFlags(t *testing.T) {
	data := images(t)
	t.Chdir(t.TempDir())
	clitest.BadFlags(t, run, map[string]string{
		"":                                       "rotmnist",
		"digits":                                 "cells",
		"lysto":                                  "-data lysto:training.h5",
		"rotmnist more":                          "follow -merge",
		"rotmnist -steps 0":                      "-steps 2000",
		"rotmnist -steps 5 -minutes 1":           "one of them",
		"rotmnist -minutes 0":                    "-minutes 12",
		"rotmnist -minutes NaN":                  "-minutes 12",
		"rotmnist -seeds 0":                      "-seeds 2",
		"rotmnist -samples 1":                    "-samples 2000",
		"rotmnist -curve-samples 1":              "-curve-samples 500",
		"rotmnist -restore -1":                   "-restore 64",
		"rotmnist -evaluations 0":                "-evaluations 50",
		"rotmnist -threads -1":                   "-threads",
		"rotmnist -solver rk4":                   "ddim, ddpm",
		"rotmnist -models wt,tied":               "plain,wt,oc",
		"rotmnist -models ,":                     "plain,wt,oc",
		"rotmnist -tables x":                     "solvers,minutes,ablation",
		"rotmnist -sizes 600,x":                  "600,3000,all",
		"rotmnist -sizes 0":                      "600,3000,all",
		"rotmnist -shard 3/3":                    "from 0",
		"rotmnist -n -merge":                     "one of them",
		"rotmnist -merge -shard 1/3":             "one of them",
		"rotmnist -diffusion -limit=100":         "sets itself",
		"rotmnist -diffusion --method=wt":        "sets itself",
		"rotmnist -diffusion -precision=bf16":    "gc-bf16 has its own",
		"rotmnist -gan -n":                       "sets itself",
		"rotmnist -merge nowhere":                "nowhere",
		"rotmnist -merge -out nowhere":           "nowhere",
		"rotmnist -data " + data + " -sizes 61":  "-sizes all",
		"rotmnist -sizes 8 -diffusion -width=33": "-diffusion",
		"rotmnist -sizes 8 -gan -batch=0":        "-gan",
		"rotmnist -reference cells":              "of one size",
		"rotmnist -sizes 8 -features x":          "inception:FILE",
	})
	if entries, _ := os.ReadDir("."); len(entries) > 0 {
		t.Errorf("the errors left %v", entries)
	}
	help := clitest.Help(t, run)
	for _, text := range []string{"rotmnist", "cells", "lysto", "mnist:FOLDER", "-shard", "-merge", "-minutes"} {
		if !strings.Contains(help, text) {
			t.Errorf("-h does not have %s", text)
		}
	}
}

// Where the environment says which part, a merge is still of all.
func TestMergeIsOfAll(t *testing.T) {
	t.Setenv("JOB_COMPLETION_INDEX", "1")
	if _, err := parse(strings.Fields("rotmnist -merge -shards 3")); err == nil || !strings.Contains(err.Error(), "one of them") {
		t.Errorf("%v", err)
	}
}

// What -h calls a little of an experiment is one training of each model that it names.
func TestLittle(t *testing.T) {
	example := regexp.MustCompile(`(?m)^  experiment (.*\S) +a little of it$`).FindStringSubmatch(clitest.Help(t, run))
	if example == nil {
		t.Fatal("-h has no such example")
	}
	o, trained := parsed(t, example[1]), 0
	for _, j := range o.jobs() {
		for _, c := range j {
			if c.flags != nil {
				trained++
			}
		}
	}
	if trained != len(o.models) || len(o.models) > 2 {
		t.Errorf("%s: %d trainings of %v", example[1], trained, o.models)
	}
}

// The name of an experiment comes first or after flags; sizes are in order, each once.
func TestParse(t *testing.T) {
	for _, args := range []string{"rotmnist -sizes all,600,6000,600 -steps 3", "-sizes 6000,600,all -steps 3 rotmnist", "-sizes 6000,600,all rotmnist -steps 3"} {
		o, err := parse(strings.Fields(args))
		if err != nil || o.Name != "rotmnist" || o.sizes.String() != "600,6000,all" || o.Minutes != 0 || o.Reference != "digits" {
			t.Errorf("%s: %+v, %v", args, o, err)
		}
	}
}

// Images that have changed since the experiment began are an error that says which; folders of older versions do not know theirs.
func TestOtherImages(t *testing.T) {
	folder := t.TempDir()
	s := settings{Name: "rotmnist", Data: "a", Reference: "b"}
	if err := s.keep(folder); err != nil {
		t.Fatal(err)
	}
	s.Images = &identities{"1", "2"}
	if err := s.keep(folder); err != nil {
		t.Errorf("a folder that does not know: %v", err)
	}
	folder = t.TempDir()
	for _, c := range []struct {
		images identities
		want   string
	}{{identities{"1", "2"}, ""}, {identities{"1", "2"}, ""}, {identities{"3", "2"}, "-data a: "}, {identities{"1", "3"}, "-reference b: "}} {
		s.Images = &c.images
		if err := s.keep(folder); (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v, want %q", c.images, err, c.want)
		}
	}
}

// A call with other images under the name of those that the experiment began with is an error, and changes nothing.
func TestChangedImages(t *testing.T) {
	data, reference := images(t), images(t)
	t.Chdir(t.TempDir())
	place := func() error {
		l, err := newLab(t.Context(), parsed(t, "rotmnist -sizes 8 -models gc -seeds 1 -data "+data+" -reference "+reference+" -out e"))
		if err != nil {
			t.Fatal(err)
		}
		return l.place()
	}
	if err := place(); err != nil {
		t.Fatal(err)
	}
	before := read(t, "e", settingsFile)
	for name, set := range map[string]string{"-data ": data, "-reference ": reference} {
		file := strings.TrimPrefix(set, "mnist:") + "/train-images-idx3-ubyte"
		text := []byte(read(t, file))
		text[len(text)-1]++
		os.WriteFile(file, text, 0o644)
		if err := place(); err == nil || !strings.Contains(err.Error(), name+set) || !strings.Contains(err.Error(), "not the images") || read(t, "e", settingsFile) != before {
			t.Errorf("%s: %v", name, err)
		}
		text[len(text)-1]--
		os.WriteFile(file, text, 0o644)
		if err := place(); err != nil {
			t.Errorf("%s, as it was: %v", name, err)
		}
	}
}

// A folder has one experiment: other settings are an error that names the flag and what the folder has; more models are none.
func TestSettings(t *testing.T) {
	folder := t.TempDir()
	s := settings{Name: "rotmnist", Data: "digits", Minutes: 12, Samples: 2000}
	for range 2 {
		if err := s.keep(folder); err != nil {
			t.Fatal(err)
		}
	}
	s.Minutes = 3
	if err := s.keep(folder); err == nil || !strings.Contains(err.Error(), "-minutes is 3") || !strings.Contains(err.Error(), "has 12") {
		t.Errorf("%v", err)
	}
	os.WriteFile(folder+"/"+settingsFile, []byte("{"), 0o644)
	if err := s.keep(folder); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("%v", err)
	}
}
