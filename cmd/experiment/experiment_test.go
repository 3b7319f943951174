package main

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"spdiff"
	"spdiff/cmd/internal/cli"
	"spdiff/cmd/internal/cli/clitest"
	"spdiff/cmd/internal/digits"
	"spdiff/cmd/internal/grid"
	"spdiff/cmd/internal/train"
)

// TestMain is also the command itself: the tests that need a real process run this program again.
func TestMain(m *testing.M) {
	if os.Getenv("EXPERIMENT_TEST_COMMAND") != "" {
		cli.Main("experiment", run)
		return
	}
	os.Exit(m.Run())
}

// images writes a few digits as MNIST's files, and returns what names them.
func images(t *testing.T) string {
	t.Helper()
	const n = 60
	set, dir := digits.New(0, n), t.TempDir()
	pixels, labels := []byte{0, 0, 8, 3, 0, 0, 0, n, 0, 0, 0, 28, 0, 0, 0, 28}, []byte{0, 0, 8, 1, 0, 0, 0, n}
	x := make([]float32, 28*28)
	for i := range n {
		class, err := set.Image(x, i)
		if err != nil {
			t.Fatal(err)
		}
		labels = append(labels, byte(class))
		for _, v := range x {
			pixels = append(pixels, grid.Byte(v))
		}
	}
	for name, b := range map[string][]byte{"train-images-idx3-ubyte": pixels, "train-labels-idx1-ubyte": labels} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return "mnist:" + dir
}

// tiny are flags of an experiment of seconds.
func tiny(data string, more ...string) []string {
	return append([]string{"rotmnist", "-data", data, "-sizes", "8", "-steps", "20", "-samples", "4", "-curve-samples", "2", "-restore", "2", "-evaluations", "2",
		"-diffusion", "-mult 1 -blocks 1 -batch 1 -attention= -save 0", "-gan", "-batch 1 -save 0", "-tables", "minutes", "-models", "plain,oc"}, more...)
}

func do(t *testing.T, args ...string) string {
	t.Helper()
	return clitest.Captured(t, func() {
		if err := run(t.Context(), args); err != nil {
			t.Fatalf("%v: %v", args, err)
		}
	})
}

func read(t *testing.T, path ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// One process, and parts in folders of their own that are merged, give the same numbers; each cell is a folder with a model of its
// method; the report has all of them; and a second call finds nothing to do.
func TestWholeAndParts(t *testing.T) {
	clitest.NeedsSIMD(t)
	data := images(t)
	t.Chdir(t.TempDir())
	base := tiny(data, "-seeds", "2")
	do(t, append(base, "-out", "a")...)
	before := read(t, "a", "8", "oc-1", "measured", "whole.json")
	do(t, append(base, "-out", "a")...)
	if read(t, "a", "8", "oc-1", "measured", "whole.json") != before {
		t.Error("a second call measured again")
	}
	if out := do(t, append(base, "-n", "-out", "a")...); strings.Count(out, " done ") != 2 || !strings.Contains(out, "about 0 MB more") {
		t.Errorf("-n does not say that all is done: %s", out)
	}
	if err := run(t.Context(), append(base, "-n", "-evaluations", "3", "-out", "a")); err == nil || !strings.Contains(err.Error(), "-evaluations is 3") {
		t.Errorf("-n with another setting: %v", err)
	}
	for _, part := range []string{"0/2", "1/2"} {
		if out := do(t, append(base, "-shard", part, "-out", "part"+part[:1])...); !strings.Contains(out, "-merge") {
			t.Errorf("part %s does not say how to merge: %s", part, out)
		}
	}
	if err := run(t.Context(), append(base, "-out", "b", "-merge", "part0")); err == nil || !strings.Contains(err.Error(), "8/plain-2/whole") {
		t.Errorf("a merge without a part: %v", err)
	}
	do(t, append(base, "-out", "b", "-merge", "part0", "part1")...)
	if a, b := read(t, "a", "report.csv"), read(t, "b", "report.csv"); a != b || strings.Count(a, "\n") < 10 {
		t.Errorf("one process has\n%sand the parts have\n%s", a, b)
	}
	if out := do(t, append(base, "-out", "b")...); strings.Contains(out, "train:") || read(t, "b", "report.csv") != read(t, "a", "report.csv") {
		t.Errorf("the merged folder was not gone on with as it is: %s", out)
	}
	if err := run(t.Context(), append(base, "-tables", "solvers", "-models", "plain", "-out", "b")); err == nil || !strings.Contains(err.Error(), "numbers alone were merged") {
		t.Errorf("more is measured of a model that is elsewhere: %v", err)
	}
	for _, name := range []string{"8/plain-1/state-000000020.safetensors", "8/plain-1/log.csv", "8/oc-2/config.json", "8/oc-2/measured/samples.png", "sizes.png", "minutes.png", "figure5.png", "report.md"} {
		if info, err := os.Stat(filepath.Join("a", name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	m, err := spdiff.Load("a/8/oc-1/model.safetensors")
	if err != nil || m.Config().Method != spdiff.OC {
		t.Errorf("the model of oc: %v", err)
	}
	checkRecords(t, before, read(t, "a", "8", "plain-1", "measured", "whole.json"))
}

// checkRecords checks what two records must say: oc denoises alike in all orientations, to the bit, and plain does not.
func checkRecords(t *testing.T, oc, plain string) {
	t.Helper()
	var a, b record
	if err := json.Unmarshal([]byte(oc), &a); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(plain), &b); err != nil {
		t.Fatal(err)
	}
	if *a.Deltax != 0 || *b.Deltax == 0 || a.Quality.FD == b.Quality.FD || a.Training != b.Training || a.Training.Steps != 20 || a.Drawing <= 0 || a.Features <= 0 {
		t.Errorf("%+v\n%+v", a, b)
	}
}

// The commands of a row do what it says, those of an average too: another training of the same flags has the same bits, and the
// evaluation the same numbers.
func TestCommandsRepeatARow(t *testing.T) {
	clitest.NeedsSIMD(t)
	if exec.Command("go", "version").Run() != nil {
		t.Skip("SKIPPED: there is no go to run the commands with")
	}
	data, root := images(t), "../.."
	dir := t.TempDir()
	out := filepath.Join(dir, "a")
	do(t, tiny(data, "-seeds", "1", "-tables", "solvers", "-models", "plain,oc,spgan", "-out", out)...)
	for cell, folder := range map[string]string{"plain-1": "plain-1", "oc-1": "plain-1", "spgan-1": "spgan-1"} {
		var r record
		if err := json.Unmarshal([]byte(read(t, out, "8", cell, "measured", "whole.json")), &r); err != nil || len(r.Commands) != 2 {
			t.Fatalf("%s: the commands %q, %v", cell, r.Commands, err)
		}
		again := filepath.Join(dir, cell)
		for i, line := range r.Commands {
			r.Commands[i] = strings.ReplaceAll(line, filepath.Join(out, "8", folder), again)
			if r.Commands[i] == line {
				t.Errorf("%s is about another folder than that of the training", line)
			}
		}
		does(t, root, r.Commands[0])
		if read(t, again, modelFile) != read(t, out, "8", folder, modelFile) {
			t.Errorf("%s makes another model", r.Commands[0])
		}
		var q spdiff.Quality
		line := r.Commands[1] + " -json"
		if err := json.Unmarshal(does(t, root, line), &q); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if q.FD != r.Quality.FD || *q.InvFD != *r.Quality.InvFD || exactly(q.Residual) != exactly(r.Deltax) || len(q.Orientations) != 4 || !slices.Equal(q.Orientations, r.Quality.Orientations) {
			t.Errorf("%s has %+v, Δx₀ %v, and the record %+v, Δx₀ %v", line, q, exactly(q.Residual), r.Quality, exactly(r.Deltax))
		}
	}
	var noisy, flow record
	for name, r := range map[string]*record{"sra1-5.json": &noisy, "sra1-flow-5.json": &flow} {
		if err := json.Unmarshal([]byte(read(t, out, "8", "plain-1", "measured", name)), r); err != nil {
			t.Fatal(err)
		}
	}
	var q spdiff.Quality
	if err := json.Unmarshal(does(t, root, flow.Commands[1]+" -json"), &q); err != nil || q.FD != flow.Quality.FD || q.FD == noisy.Quality.FD || flow.Solver != "sra1-flow" {
		t.Errorf("%s has %v, the record of %s %v, and with noise it is %v; %v", flow.Commands[1], q.FD, flow.Solver, flow.Quality.FD, noisy.Quality.FD, err)
	}
}

// does runs a line in a folder, and returns what it prints.
func does(t *testing.T, folder, line string) []byte {
	t.Helper()
	words := regexp.MustCompile(`'[^']*'|\S+`).FindAllString(line, -1)
	for k, w := range words {
		words[k] = strings.Trim(w, "'")
	}
	c := exec.Command(words[0], words[1:]...)
	c.Dir = folder
	text, err := c.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", line, err, text)
	}
	return text
}

// The ablation trains each variant, and that of the decay for as many steps as the model itself made; guidance is drawn of one. Without
// the mean it measures the last weights of the model's own training, as its commands do.
func TestAblation(t *testing.T) {
	clitest.NeedsSIMD(t)
	data := images(t)
	t.Chdir(t.TempDir())
	do(t, tiny(data, "-models", "gc", "-seeds", "1", "-tables", "ablation", "-steps", "3", "-sizes", "all", "-out", "a")...)
	var c spdiff.Config
	if err := json.Unmarshal([]byte(read(t, "a", "all", "gc-decay-1", "config.json")), &c); err != nil || c.Rate.Total != leastDecay {
		t.Errorf("the decay is over %d steps, %v", c.Rate.Total, err)
	}
	var mean, last record
	for cell, r := range map[string]*record{"all/gc-1": &mean, "all/gc-raw-1": &last} {
		if err := json.Unmarshal([]byte(read(t, "a", cell, "measured", "whole.json")), r); err != nil {
			t.Fatal(err)
		}
	}
	if len(last.Commands) != 3 || last.Commands[0] != mean.Commands[0] || !strings.Contains(last.Commands[2], "-model a/all/gc-raw-1/model.safetensors") {
		t.Fatalf("the commands of the last weights: %q", last.Commands)
	}
	line := strings.Fields(strings.Replace(last.Commands[1], "a/all/gc-raw-1/model", "again", 1))
	if err := train.Run(t.Context(), line[3:]); err != nil {
		t.Error(err)
	}
	if read(t, "again.safetensors") != read(t, "a/all/gc-raw-1", modelFile) || last.Quality.FD == mean.Quality.FD || last.Training != mean.Training {
		t.Errorf("the last weights are not those that %v writes, or not another model than the mean of the same training", line)
	}
	text := read(t, "a", "report.md")
	for _, row := range []string{"\n| SPDiff+GC (ours) |", "without the mean", "decay to 0, all along", "self-conditioning", "augmentation", "withheld from a tenth |", "guidance 1 |", "guidance 3 |"} {
		if !strings.Contains(text, row) {
			t.Errorf("the report has no %q:\n%s", row, text)
		}
	}
}

// An interrupt during a training ends the call with the context's error, and says how to go on; one before it ends it too.
func TestInterrupt(t *testing.T) {
	clitest.NeedsSIMD(t)
	data := images(t)
	t.Chdir(t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for ctx.Err() == nil && t.Context().Err() == nil {
			if states, _ := filepath.Glob("a/8/plain-1/state-*0.safetensors"); len(states) > 1 {
				cancel()
			}
			time.Sleep(time.Millisecond)
		}
	}()
	out := clitest.Captured(t, func() {
		if err := run(ctx, tiny(data, "-steps", "100000", "-out", "a")); err != context.Canceled {
			t.Errorf("%v", err)
		}
	})
	if !strings.Contains(out, "next:  the same command goes on") {
		t.Errorf("it does not say how to go on: %s", out)
	}
	if err := run(ctx, tiny(data, "-out", "b")); err != context.Canceled {
		t.Errorf("before it began: %v", err)
	}
}

// A curve over minutes that is asked for after the training, which kept no models, is said to be missing, and all else is made.
func TestLaterCurve(t *testing.T) {
	clitest.NeedsSIMD(t)
	data := images(t)
	t.Chdir(t.TempDir())
	args := tiny(data, "-models", "plain", "-seeds", "1", "-steps", "3", "-out", "a")
	do(t, append(args, "-tables", "")...)
	if out := do(t, append(args, "-tables", "minutes")...); !strings.Contains(out, "no model of the way is here") {
		t.Errorf("it does not say that nothing was kept: %s", out)
	}
}
