package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"spdiff"
	"spdiff/cmd/internal/train"
)

// What a training that was stopped goes on with: by steps to its end, by minutes for what is left of them, and where its learning rate
// falls already to the end of the fall.
func TestResumption(t *testing.T) {
	l := &lab{options: parsed(t, "rotmnist -data d -minutes 10")}
	flags := strings.Fields("-data d -fall 0.2 -save 0 -minutes 10")
	for _, c := range []struct {
		p    train.Progress
		want string
	}{
		{train.Progress{Steps: 40}, "-resume f -data d -save 0 -fall 0.2 -minutes 10"},
		{train.Progress{Steps: 40, Falls: 50}, "-resume f -data d -save 0 -steps 50"},
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
}

// What -diffusion says of the rate's fall comes after the experiment's own, which no variant has beside a decay.
func TestFalls(t *testing.T) {
	for args, falls := range map[string]bool{"": true, "-diffusion -fall=0": false, "-diffusion -fall=0.1": true, "-diffusion -decay=500": false, "-steps 9": false, "-steps 9 -diffusion -fall=0.5": true} {
		o := parsed(t, "rotmnist -seeds 1 -sizes 600 -models gc "+args)
		if o.falls() != falls {
			t.Errorf("%s: the rate falls: %v", args, o.falls())
		}
		for _, j := range o.jobs() {
			for _, c := range j {
				_, fall := valueOf(c.flags, "fall")
				if v, ok := variantOf(c.variant); ok && v.decay && fall {
					t.Errorf("%s: %s has -fall: %v", args, c.folder, c.flags)
				}
			}
		}
	}
}

// By minutes a training ends with the fall of its learning rate, and what was kept on the way has minutes of its own.
func TestMinutes(t *testing.T) {
	needsSIMD(t)
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
	needsSIMD(t)
	t.Chdir(t.TempDir())
	l := &lab{options: parsed(t, "rotmnist")}
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
	if ended, err := l.badly(t.Context(), "f", os.ErrPermission); ended != "" || err != os.ErrPermission {
		t.Errorf("%q, %v", ended, err)
	}
}
