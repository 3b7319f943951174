package main

import (
	"cmp"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"spdiff/cmd/internal/cli"
	"spdiff/cmd/internal/cli/clitest"
	"spdiff/cmd/internal/evaluation"
	"spdiff/cmd/internal/train"
	"spdiff/group"
)

func parsed(t *testing.T, args string) *options {
	t.Helper()
	o, err := parse(strings.Fields(args))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// All of rotated MNIST: each model, size and seed once; averages have the network of what is averaged, and the last weights are those of
// the model's, with no training of their own; folders are of one cell each.
func TestJobs(t *testing.T) {
	o := parsed(t, "rotmnist")
	trained, seen := 0, map[string]bool{}
	for _, j := range o.jobs() {
		for i, c := range j {
			if seen[c.folder] {
				t.Errorf("%s is there twice", c.folder)
			}
			if seen[c.folder] = true; c.flags != nil {
				trained++
			}
			of := c.model.of
			if v, _ := variantOf(c.variant); v.last {
				of = c.model.key
			}
			if (c.flags == nil) != (of != "") || of != "" && (i == 0 || j[0].model.key != of || c.of != j[0].folder) {
				t.Errorf("%s has the network of %q and the flags %v", c.folder, c.of, c.flags)
			}
		}
	}
	own := 0
	for _, m := range models {
		for _, size := range []string{"600", "3000", "6000", "60000"} {
			for _, seed := range []string{"1", "2"} {
				if !seen[size+"/"+m.key+"-"+seed] {
					t.Errorf("there is no %s/%s-%s", size, m.key, seed)
				}
			}
		}
		if m.of == "" {
			own++
		}
	}
	if want := 2 * (4*own + len(variants) - 1); trained != want {
		t.Errorf("%d trainings, want %d", trained, want)
	}
	for _, others := range []string{"-models wt", "-sizes 600"} { // of which a later call takes no run for its own
		for _, j := range parsed(t, "rotmnist "+others).ablation(1) {
			if seen[j[0].folder] {
				t.Errorf("%s of %s is one of all models at all sizes", j[0].folder, others)
			}
		}
	}
}

// The paper's tied kernels are of 3×3 taps, whatever train gives to whoever names none.
func TestTiedKernels(t *testing.T) {
	o := parsed(t, "rotmnist")
	wt, _ := modelOf("wt")
	if got := strings.Join(o.training(wt, 600, 1), " "); !strings.Contains(got, "-method wt -kernel 3 ") {
		t.Error(got)
	}
}

// A training's flags are the experiment's, the model's, and the user's, of which the later count; one that is kept on the way is that
// of the curve alone.
func TestTrainingFlags(t *testing.T) {
	o := parsed(t, "rotmnist -data mnist:m -diffusion -batch=8 -gan -batch=9 -steps 7")
	gc, _ := modelOf("gc")
	gan, _ := modelOf("spgan")
	if got := strings.Join(o.training(gc, 600, 2), " "); got != "-data mnist:m -group C4 -limit 600 -rotate -preset digits-s -method gc -batch=8 -seed 2 -steps 7" {
		t.Error(got)
	}
	if got := strings.Join(o.training(gan, 60000, 1), " "); got != "-data mnist:m -group C4 -limit 60000 -rotate -gan spgan -batch=9 -seed 1 -keep 1 -steps 7" {
		t.Error(got)
	}
}

// By minutes the rate falls at the end, but where the user lets it decay, which cannot be said beside a fall.
func TestFall(t *testing.T) {
	gc, _ := modelOf("gc")
	for flags, want := range map[string]bool{"": true, "-batch 8": true, "-decay 500": false, "--decay=500": false} {
		o := parsed(t, "rotmnist")
		o.Diffusion = flags
		if got := slices.Contains(o.training(gc, 600, 1), "-fall"); got != want {
			t.Errorf("%q: it falls: %v", flags, got)
		}
		for _, j := range o.ablation(1) {
			if slices.Contains(j[0].flags, "-fall") && !want {
				t.Errorf("%q: %v", flags, j[0].flags)
			}
		}
	}
}

// What is averaged alone is trained and not measured; of GANs alone there is no ablation.
func TestSomeModels(t *testing.T) {
	o := parsed(t, "rotmnist -models reg-oc -sizes 600 -seeds 1")
	jobs := o.jobs()
	if len(jobs) != 1 || len(jobs[0]) != 2 || jobs[0][0].measures != nil || jobs[0][1].folder != "600/reg-oc-1" {
		t.Errorf("%v", jobs)
	}
	if jobs := parsed(t, "cells -models spgan,incomplete").jobs(); len(jobs) != 4 || jobs[0].String() != "all/spgan-1" {
		t.Errorf("%v", jobs)
	}
	solverOf := func(c cell) bool {
		return slices.ContainsFunc(c.measures, func(m measure) bool { return m.name == "heun-20" })
	}
	curves := 0
	for _, j := range parsed(t, "rotmnist").jobs() {
		for _, c := range j {
			if solverOf(c) {
				if curves++; c.folder != "60000/gc-1" {
					t.Errorf("the solvers are measured of %s", c.folder)
				}
			}
		}
	}
	if curves != 1 {
		t.Errorf("%d curves over solvers", curves)
	}
}

// A solver with steps of its own for each image is measured once, and never of a network that is conditioned on its last prediction.
func TestConditioned(t *testing.T) {
	for flags, want := range map[string]int{"": 1, "-condition": 0, "--condition=true -batch 8": 0, "-condition=false": 1, "-condition -condition=0": 1} {
		o := parsed(t, "rotmnist")
		o.Diffusion = flags
		n := 0
		for _, j := range o.jobs() {
			for _, c := range j {
				n += len(slices.DeleteFunc(c.measures, func(m measure) bool { return m.solver != "dopri" }))
			}
		}
		if n != want {
			t.Errorf("%q: %d points are of dopri, want %d", flags, n, want)
		}
	}
}

// -n says how many jobs there are, how long they take and how much room, and writes nothing.
func TestEstimate(t *testing.T) {
	clitest.NeedsSIMD(t)
	data := images(t)
	t.Chdir(t.TempDir())
	out := do(t, tiny(data, "-n", "-models", "plain,oc,spgan", "-tables", "minutes,ablation")...)
	for _, want := range []string{"8/plain-1, 8/oc-1, 8/plain-raw-1, 8/plain-decay-1", "-shard I/10", "time:", "disk:", "SPDiff+OC: of the training of SPDiff;", "GAN, spgan"} {
		if !strings.Contains(out, want) {
			t.Errorf("-n does not say %q:\n%s", want, out)
		}
	}
	if entries, _ := os.ReadDir("."); len(entries) > 0 {
		t.Errorf("-n left %v", entries)
	}
}

// Of a network with more symmetry than its group -n warns, once, and the report marks the model, and says why.
func TestMoreSymmetry(t *testing.T) {
	clitest.NeedsSIMD(t)
	data := images(t)
	t.Chdir(t.TempDir())
	args := tiny(data, "-models", "wt,gc", "-tables", "", "-seeds", "1", "-steps", "2", "-out", "a")
	const warning = "kernels of 3×3 taps make a network over C4 commute with all of D4"
	said := do(t, append(args, "-n")...)
	if !regexp.MustCompile(`(?m)^SPDiff\+WT: .*\nwarning: `+warning).MatchString(said) || strings.Count(said, "warning: ") != 1 {
		t.Errorf("-n does not warn of SPDiff+WT, and of that alone:\n%s", said)
	}
	do(t, args...)
	text := read(t, "a", "report.md")
	for _, want := range []string{"\n| SPDiff+WT† |", "\n| SPDiff+GC (ours) |", "\n† SPDiff+WT: " + warning} {
		if !strings.Contains(text, want) {
			t.Errorf("the report has no %q:\n%s", want, text)
		}
	}
}

// What -n says of a measure has its samples, their features, those of turned copies where they differ, and the images of Δx₀.
func TestMeasuring(t *testing.T) {
	l := &lab{options: parsed(t, "rotmnist -samples 100 -evaluations 10 -restore 8 -curve-samples 50"), look: 7}
	diffusion, gan := cost{draw: 3}, cost{draw: 3, once: true}
	for _, c := range []struct {
		name      string
		cost      cost
		measure   measure
		invariant group.Group
		want      time.Duration
	}{
		{"whole", diffusion, l.whole(), group.C4, 3*100*10 + 7*100 + 2*3*8*10},
		{"features that turns change", diffusion, l.whole(), group.C1, 3*100*10 + 4*7*100 + 2*3*8*10},
		{"a point of a curve", diffusion, l.point(1), group.C1, 3*50*10 + 7*50},
		{"a GAN", gan, l.whole(), group.C4, 3*100 + 7*100},
	} {
		l.network.Invariant = c.invariant
		if got := nanoseconds(l.measuring(c.cost, c.measure, 1)); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
	j := job{{model: models[0], minutes: true}}
	if got, _ := l.priced(j, map[string]cost{kind(j[0]): diffusion}); nanoseconds(got) != 6*(3*50*10+7*50) {
		t.Errorf("a curve over minutes: %v", got)
	}
}

// nanoseconds returns a number of seconds as a Duration.
func nanoseconds(seconds float64) time.Duration { return time.Duration(math.Round(1e9 * seconds)) }

// What takes longer than a Duration can be is long, and not negative.
func TestLongExperiment(t *testing.T) {
	l := &lab{options: parsed(t, "rotmnist -steps 1000000000 -samples 1000000 -evaluations 100000"), look: 7}
	l.out = t.TempDir()
	if err := os.WriteFile(filepath.Join(l.out, referenceFile), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	jobs, costs := l.jobs(), map[string]cost{}
	for _, j := range jobs {
		for _, c := range j {
			costs[kind(c)] = cost{Description: train.Description{Step: time.Second}, draw: time.Hour}
		}
	}
	var long float64
	clitest.Captured(t, func() { long, _ = l.list(jobs, costs) })
	if long < 80*(1e9+3600*1e11) || strings.HasPrefix(short(long), "-") {
		t.Errorf("%v seconds, %s", long, short(long))
	}
}

// What is there is not to be done again, and what was begun is not to begin.
func TestLeft(t *testing.T) {
	l := &lab{options: parsed(t, "rotmnist -sizes 600 -seeds 1 -models plain,oc -tables minutes")}
	l.out = t.TempDir()
	j := l.jobs()[0]
	is := func(at string, trains bool, measures, oc int, remains bool) {
		t.Helper()
		if left := l.left(j[0]); left.trains != trains || len(left.measures) != measures {
			t.Errorf("%s: %+v is left of %s", at, left, j[0].folder)
		}
		if left := l.left(j[1]); left.trains || len(left.measures) != oc {
			t.Errorf("%s: %+v is left of %s", at, left, j[1].folder)
		}
		if l.remains(j) != remains {
			t.Errorf("%s: something remains: %v", at, !remains)
		}
	}
	write := func(names ...string) {
		t.Helper()
		for _, name := range names {
			name = filepath.Join(l.out, name)
			if err := cmp.Or(os.MkdirAll(filepath.Dir(name), 0o777), os.WriteFile(name, []byte("{}"), 0o666)); err != nil {
				t.Fatal(err)
			}
		}
	}
	k := map[string]cost{kind(j[0]): {draw: 3}, kind(j[1]): {draw: 3}}
	priced := func(want time.Duration) {
		t.Helper()
		for _, m := range slices.Concat(l.left(j[0]).measures, l.left(j[1]).measures) {
			want += nanoseconds(l.measuring(k[kind(j[0])], m, 1))
		}
		if got, _ := l.priced(j, k); nanoseconds(got) != want {
			t.Errorf("%v is said to be left, want %v", got, want)
		}
	}
	is("before", true, 1+6, 1+6, true)
	priced(12 * time.Minute)
	write("600/plain-1/state-000000060.safetensors", "600/plain-1/config.json")
	if err := os.WriteFile(filepath.Join(l.out, "600/plain-1/log.jsonl"), []byte(`{"step":60,"steps":10,"loss":0.1,"seconds":300}`+"\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	priced(7 * time.Minute)
	write("600/plain-1/trained.json")
	is("without models on the way", false, 1, 1, true)
	write("600/plain-1/models/step-000000001.safetensors", "600/plain-1/models/step-000000032.safetensors", "600/plain-1/models/step-000000060.safetensors")
	is("trained", false, 1+2, 1+2, true)
	priced(0)
	write("600/plain-1/measured/whole.json", "600/plain-1/measured/step-000000060.json")
	is("half measured", false, 1, 1+2, true)
	write("600/plain-1/measured/step-000000032.json", "600/oc-1/measured/whole.json", "600/oc-1/measured/step-000000032.json", "600/oc-1/measured/step-000000060.json")
	is("done", false, 0, 0, false)
}

// The line that measures a row asks for all that it has: shares where the features tell them, Δx₀ of what denoises; that of a point of a
// curve for no more than a distance.
func TestAsked(t *testing.T) {
	told := evaluation.Network{Orientations: 4}
	for _, c := range []struct {
		key, more string
		network   evaluation.Network
		want      string
	}{
		{"plain", "", told, "-measure fd,inv_fd,classes,delta_x0 -restore 64"},
		{"plain", "", evaluation.Network{}, "-measure fd,inv_fd,delta_x0 -restore 64"},
		{"plain", " -restore 0", told, "-measure fd,inv_fd,classes"},
		{"spgan", "", told, "-measure fd,inv_fd,classes"},
	} {
		m, _ := modelOf(c.key)
		l := &lab{options: parsed(t, "rotmnist"+c.more), network: c.network}
		if got := strings.Join(l.asked(cell{model: m}, l.whole()), " "); got != c.want {
			t.Errorf("%s%s: %s, want %s", c.key, c.more, got, c.want)
		}
		if got := l.asked(cell{model: m}, l.point(1)); got != nil {
			t.Errorf("%s%s, a point of a curve: %q", c.key, c.more, got)
		}
	}
}

func TestQuoted(t *testing.T) {
	if got := command([]string{"train", "-data", "mnist:a b", "-attention", "", "-x", "it's"}); got != "go run ./cmd/train -data "+cli.Quoted("mnist:a b")+" -attention "+cli.Quoted("")+" -x "+cli.Quoted("it's") {
		t.Error(got)
	}
}
