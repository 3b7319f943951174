package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"spdiff"
	"spdiff/cmd/internal/cli/clitest"
	"spdiff/cmd/internal/digits"
	"spdiff/cmd/internal/train"
	"spdiff/tensor"
)

// What a training that was stopped goes on with: by steps to its end, by minutes for what is left of them, and where its learning rate
// falls already to the end of the fall; saved and measured on the way as before.
func TestResumption(t *testing.T) {
	l := &lab{options: parsed(t, "rotmnist -data d -minutes 10")}
	flags := strings.Fields("-data d -fall 0.2 -save 0 -evaluate 2 -inception i -minutes 10")
	for _, c := range []struct {
		p    train.Progress
		want string
	}{
		{train.Progress{Steps: 40}, "-resume f -data d -save 0 -evaluate 2 -inception i -fall 0.2 -minutes 10"},
		{train.Progress{Steps: 40, Falls: 50}, "-resume f -data d -save 0 -evaluate 2 -inception i -steps 50"},
	} {
		if got := strings.Join(l.resumption(flags, "f", c.p), " "); got != c.want {
			t.Errorf("%+v: %s, want %s", c.p, got, c.want)
		}
	}
	if got := strings.Join(l.resumption(append(flags, "--fall=0"), "f", train.Progress{Steps: 40}), " "); !strings.Contains(got, "-fall 0 ") {
		t.Errorf("the last -fall is 0, and it goes on with %s", got)
	}
	l.Steps = 70
	if got := strings.Join(l.resumption(flags[:4], "f", train.Progress{Steps: 40}), " "); got != "-resume f -data d -steps 70" {
		t.Errorf("by steps: %s", got)
	}
}

// Flags are found and taken out in each of their forms, and the last of one name counts.
func TestGiven(t *testing.T) {
	flags := strings.Fields("-fall 0.2 -condition --fall=0.1 -lr -1 -save=0 -fall -decay 5")
	if v, ok := valueOf(flags[:4], "fall"); v != "0.1" || !ok {
		t.Errorf("the last -fall is %q, %v", v, ok)
	}
	if v, ok := valueOf(flags, "lr"); v != "-1" || !ok {
		t.Errorf("-lr is %q, %v", v, ok)
	}
	if v, ok := valueOf(flags, "keep"); ok {
		t.Errorf("-keep is %q", v)
	}
	if got := strings.Join(without(flags, "fall"), " "); got != "-condition -lr -1 -save=0 -decay 5" {
		t.Errorf("without -fall: %s", got)
	}
	if got := strings.Join(without(flags, "fall", "decay", "lr"), " "); got != "-condition -save=0" {
		t.Errorf("without three: %s", got)
	}
}

// What -diffusion says of the rate's fall comes after the experiment's own, which no variant has beside a decay; and train takes what each
// cell says of it.
func TestFalls(t *testing.T) {
	for _, f := range []struct {
		args, diffusion string
		falls           bool
	}{
		{"", "", true}, {"", "-fall=0", false}, {"", "-fall=0.1", true}, {"", "-decay=500", false}, {"", "-decay 500 -floor 0.1", false},
		{"-steps 9", "", false}, {"-steps 9", "-fall=0.5", true}, {"-steps 9", "-decay 500 -floor=0.1", false},
	} {
		o := parsed(t, "rotmnist -seeds 1 -sizes 600 -models gc "+f.args)
		o.Diffusion = f.diffusion
		if o.falls() != f.falls {
			t.Errorf("%+v: the rate falls: %v", f, o.falls())
		}
		for _, j := range o.jobs() {
			for _, c := range j {
				_, fall := valueOf(c.flags, "fall")
				if v, ok := variantOf(c.variant); ok && v.decay && fall {
					t.Errorf("%+v: %s has -fall: %v", f, c.folder, c.flags)
				}
				if c.flags == nil {
					continue
				}
				if err := train.Check(c.flags, digits.New(1, 10)); err != nil {
					t.Errorf("%+v: %s has %v: %v", f, c.folder, c.flags, err)
				}
			}
		}
	}
}

// Whoever is to remove a training's folder, so that it is trained anew, is told of those that have its network or its length; of others not.
func TestHere(t *testing.T) {
	l := &lab{options: parsed(t, "rotmnist -sizes 600 -seeds 1 -models plain,gc -tables ablation")}
	l.out = t.TempDir()
	for _, folder := range []string{"600/oc-1", "600/oc-2", "600/gc-raw-1", "600/gc-decay-1", "600/gc-condition-1"} {
		if err := os.MkdirAll(l.path(folder), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	derived := map[string][]string{"600/plain-1": {"600/oc-1"}, "600/gc-1": {"600/gc-raw-1", "600/gc-decay-1"}}
	for _, j := range l.jobs() {
		for _, c := range j {
			want := "or remove " + l.path(networkOf(c))
			for _, folder := range derived[networkOf(c)] {
				want += " and " + l.path(folder)
			}
			if err := l.here(c); err == nil || !strings.Contains(err.Error(), want+", and it is trained anew") {
				t.Errorf("%s: %v; want %q", c.folder, err, want)
			}
		}
	}
}

// By minutes a training ends with the fall of its learning rate, and what was kept on the way has minutes of its own.
func TestMinutes(t *testing.T) {
	clitest.NeedsSIMD(t)
	data := images(t)
	t.Chdir(t.TempDir())
	do(t, "rotmnist", "-data", data, "-sizes", "8", "-minutes", "0.02", "-samples", "2", "-curve-samples", "2", "-restore", "0", "-evaluations", "2", "-seeds", "1",
		"-diffusion", "-mult 1 -blocks 1 -batch 1 -attention=", "-tables", "minutes", "-models", "plain", "-out", "a")
	c, err := spdiff.ParseConfig([]byte(read(t, "a", "8", "plain-1", "config.json")))
	if err != nil || len(c.Rate.Falls) != 1 {
		t.Errorf("the rate falls %v; %v", c.Rate.Falls, err)
	}
	all, err := readRecords("a")
	if err != nil {
		t.Fatal(err)
	}
	last, step := 0.0, 0
	for _, r := range all {
		if r.Step > 0 && r.Minutes < last || r.Training.Seconds <= 0 {
			t.Errorf("step %d is of minute %v, after %v", r.Step, r.Minutes, last)
		}
		last, step = max(last, r.Minutes), max(step, r.Step)
	}
	if want := all[0].Training.Steps; last == 0 || step != want {
		t.Errorf("the curve ends at step %d, minute %v; the training at step %d", step, last, want)
	}
}

// A training that broke off has the model of its last good state, whether or not it was written; other errors are errors.
func TestBadly(t *testing.T) {
	clitest.NeedsSIMD(t)
	t.Chdir(t.TempDir())
	l := &lab{options: parsed(t, "rotmnist -threads 1")}
	defer tensor.SetWorkers(0)
	if err := train.Run(t.Context(), strings.Fields("-data "+images(t)+" -mult 1 -blocks 1 -batch 1 -attention= -samples 0 -steps 2 -out f")); err != nil {
		t.Fatal(err)
	}
	os.Remove("f/" + modelFile)
	ended, err := l.badly(t.Context(), "f", fmt.Errorf("%w; more", &spdiff.CollapsedError{Step: 7}))
	if err != nil || !strings.Contains(ended, "7") {
		t.Errorf("%q, %v", ended, err)
	}
	if _, err := spdiff.Load("f/" + modelFile); err != nil {
		t.Error(err)
	}
	if n := tensor.Workers(); n != 1 {
		t.Errorf("what follows has %d threads", n)
	}
	if ended, err := l.badly(t.Context(), "f", os.ErrPermission); ended != "" || err != os.ErrPermission {
		t.Errorf("%q, %v", ended, err)
	}
}
