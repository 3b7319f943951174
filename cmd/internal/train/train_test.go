package train

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"spdiff"
	"spdiff/cmd/internal/cli/clitest"
	"spdiff/cmd/internal/dataset"
	"spdiff/cmd/internal/grid"
	"spdiff/cmd/internal/lock"
)

// Flags that do not fit are usage errors that say why, and nothing is made.
func TestBadFlags(t *testing.T) {
	t.Chdir(t.TempDir())
	os.MkdirAll("old/x", 0o755)
	clitest.BadFlags(t, Run, map[string]string{
		"-steps 5 -minutes 1":  "one of them",
		"-steps 0":             "at least 1",
		"-minutes 0":           "more than 0",
		"-limit -1":            "takes all",
		"-save -1":             "at least 0",
		"-save NaN":            "at least 0",
		"-group C3":            "C4",
		"-method tied":         "there are wt, plain, oc, reg, reg-oc, gc, cf",
		"-predict x1":          "there are x0, eps",
		"-preset big":          "digits-s, digits-m, cells",
		"-mult 1,x":            "no whole number",
		"-width 33":            "must be even",
		"-method wt -width 40": "multiple",
		"-mult 1,2,2,2":        "3.5 pixels wide",
		"-dropout 1":           "dropout",
		"-dropout 7e-6":        "dropout",
		"-threads 5000":        "to 4096",
		"-keep 65":             "-keep",
		"-average 1":           "average",
		"-average 0.9,x":       "no number",
		"-floor 0.5":           "-decay",
		"-new-data":            "-resume",
		"-model x":             "-resume",
		"-kernel 4":            "kernel is 4",
		"-batch 0":             "batch",
		"-lr -1":               "rate",
		"-resume r -seed 3":    "-seed cannot change",
		"-resume r -out s":     "do not give -out",
		"-out old":             "not empty",
		"extra":                "no flag",
		"-nonsense":            "not defined",
	})
	if entries, _ := os.ReadDir("."); len(entries) != 1 {
		t.Errorf("the errors left %v", entries)
	}
}

// What has the name of a run's settings is somebody's own where no run has been, and stays: with a lock beside it a run was killed there
// before it began.
func TestSettingsOfOthers(t *testing.T) {
	t.Chdir(t.TempDir())
	pictures(t, "pictures", 3, 1)
	for _, name := range []string{configFile, runFile} {
		path := filepath.Join(name+".d", name)
		if err := errors.Join(os.Mkdir(name+".d", 0o755), os.WriteFile(path, []byte("precious"), 0o644)); err != nil {
			t.Fatal(err)
		}
		before := listing(t, name+".d")
		for _, more := range [][]string{nil, {"-n"}} {
			does(t, "not empty", with(with(tiny, "-data", "pictures", "-steps", "1", "-out", name+".d"), more...)...)
		}
		if after := listing(t, name+".d"); after != before {
			t.Errorf("the folder was\n%sand is\n%s", before, after)
		}
		if err := errors.Join(os.WriteFile(filepath.Join(name+".d", lock.Name), nil, 0o644), checkFree(name+".d")); err != nil {
			t.Error(err)
		}
	}
}

// Data that are not there are errors that name them.
func TestBadData(t *testing.T) {
	t.Chdir(t.TempDir())
	for args, want := range map[string]string{
		"-data mnist:nowhere":      "nowhere: there is neither",
		"-data cats":               "-h lists what there is",
		"-data mnist:":             "write mnist:FOLDER",
		"-resume nowhere":          "is it the folder of a run?",
		"-preset cells -minutes 1": "level 3 is 3.5 pixels wide",
	} {
		if err := Run(context.Background(), strings.Fields(args)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; want an error with %q", args, err, want)
		}
	}
}

// -n says what a run would cost, on images of another size too, and writes nothing; nor does it for a run that could go on.
func TestPlan(t *testing.T) {
	clitest.NeedsSIMD(t)
	t.Chdir(t.TempDir())
	os.Mkdir("pictures", 0o755)
	for _, name := range []string{"a", "b"} {
		if err := grid.WriteSingle(filepath.Join("pictures", name+".png"), make([]float32, 16*16*3), 16, 16, 3); err != nil {
			t.Fatal(err)
		}
	}
	run := command(t, with(tiny, "-data", "pictures", "-out", "a", "-steps", "20")...)
	if run.Run() != nil {
		t.Fatal(run.out)
	}
	before := listing(t, ".")
	for _, c := range []struct {
		args []string
		want []string
	}{
		{with(tiny, "-n", "-data", "pictures", "-out", "b", "-steps", "50"), []string{"2 images of 16×16×3", "into b", "time:", "for 50 steps"}},
		{with(tiny, "-n", "-data", "pictures"), []string{"into a new folder", "10m0s, as -minutes says"}},
		{[]string{"-n", "-resume", "a", "-steps", "50"}, []string{"from step 20", "for 30 steps", "multiply-adds a step", "MB a state"}},
	} {
		p := command(t, c.args...)
		err := p.Run()
		for _, want := range c.want {
			if err != nil || !strings.Contains(p.out.String(), want) {
				t.Errorf("%v: %v: %s; want %q", c.args, err, p.out, want)
			}
		}
	}
	if p := command(t, "-n", "-out", "a"); p.Run() == nil || !strings.Contains(p.out.String(), "not empty") {
		t.Errorf("-n into a run: %s", p.out)
	}
	for _, more := range [][]string{nil, {"-n"}} {
		does(t, "within the images of -data", with(with(tiny, "-data", "pictures", "-out", "pictures/run", "-steps", "20"), more...)...)
	}
	if after := listing(t, "."); after != before {
		t.Errorf("the folder was\n%sand is\n%s", before, after)
	}
}

func TestHelp(t *testing.T) {
	if help := clitest.Help(t, Run); !strings.Contains(help, dataset.Help()) {
		t.Errorf("-h does not say which data there are:\n%s", help)
	}
}

// -h says of each method whether it is exact, as it is.
func TestHelpSaysWhatIsExact(t *testing.T) {
	said := regexp.MustCompile(`([a-z, -]+) are exact; ([a-z, -]+) are not`).FindStringSubmatch(clitest.Help(t, Run))
	if said == nil {
		t.Fatal("-h does not say it")
	}
	exact := map[string]bool{}
	for i, names := range said[1:] {
		for name := range strings.FieldsSeq(strings.NewReplacer(",", " ", " and ", " ").Replace(names)) {
			exact[name] = i == 0
		}
	}
	for name := range strings.SplitSeq(all[spdiff.Method](), ", ") {
		var m spdiff.Method
		m.UnmarshalText([]byte(name))
		if e, ok := exact[name]; !ok || e != m.Exact() {
			t.Errorf("%s: -h says %v (%v), it is %v", name, e, ok, m.Exact())
		}
	}
}

// A run of three steps, resumed to six, has the model of a run of six; every file is there.
func TestRunAndResume(t *testing.T) {
	clitest.NeedsSIMD(t)
	t.Chdir(t.TempDir())
	small := strings.Fields("-mult 1,1 -blocks 1 -batch 2 -attention= -threads 2 -samples 4")
	do := func(args ...string) {
		t.Helper()
		if err := Run(context.Background(), args); err != nil {
			t.Fatal(err)
		}
	}
	do(append(small, "-steps", "15", "-out", "a")...)
	do(append(small, "-steps", "30", "-out", "b")...)
	do("-resume", "a", "-steps", "30", "-samples", "4")
	for _, name := range []string{configFile, runFile, modelFile, "state-000000030.safetensors", logFile, csvFile, plotFile, samplesDir + "/step-000030.png"} {
		if info, err := os.Stat(filepath.Join("a", name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	a, b := weights(t, "a"), weights(t, "b")
	if !bytes.Equal(a, b) {
		t.Error("the resumed run has another model")
	}
	if err := Run(context.Background(), []string{"-resume", "a", "-steps", "20"}); err == nil || !strings.Contains(err.Error(), "30 steps already") {
		t.Errorf("going back: %v", err)
	}
}

// weights returns a model's file without the configuration, which has the number of steps.
func weights(t *testing.T, folder string) []byte {
	t.Helper()
	m, err := spdiff.Load(filepath.Join(folder, modelFile))
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(folder, modelFile))
	if err != nil {
		t.Fatal(err)
	}
	return b[len(b)-4*m.Parameters():]
}

// A still training looks as if it had collapsed: of that nothing is saved.
type still struct{ training }

func (s still) Steps() int { return s.training.Steps() + 150 }
func (s still) Checkpoint(string) error {
	return &spdiff.CollapsedError{Step: s.Steps(), Since: 120, What: "the generator's gradient has vanished"}
}

// A run that is interrupted while it looks as if it had collapsed ends as one that is interrupted, and says so; its last good state has
// its model.
func TestInterruptedWhileStill(t *testing.T) {
	t.Chdir(t.TempDir())
	r, err := begun(t, strings.Fields("-gan spgan -batch 2 -limit 20 -samples 0 -out a"))
	if err != nil {
		t.Fatal(err)
	}
	defer r.close()
	r.trainer = still{r.trainer}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	said := clitest.Captured(t, func() { err = r.train(ctx) })
	var collapsed *spdiff.CollapsedError
	if !errors.Is(err, context.Canceled) || errors.As(err, &collapsed) {
		t.Errorf("it ends with %v", err)
	}
	for _, want := range []string{"step 0, by an earlier save", "the generator's gradient has vanished", "-resume a"} {
		if !strings.Contains(said, want) {
			t.Errorf("it says %q, without %q", said, want)
		}
	}
	if _, err := spdiff.LoadGAN(r.path(modelFile)); err != nil {
		t.Error(err)
	}
}

// A stuck training is at step 10, and its next step ends when it is let.
type stuck struct {
	training
	let chan struct{}
}

func (s stuck) Steps() int { return 10 }
func (s stuck) Step() (spdiff.Step, error) {
	<-s.let
	return spdiff.Step{Number: 11}, nil
}

// An interrupt leaves the step under way alone where all before it is saved; else the step is waited for.
func TestStepUnderWay(t *testing.T) {
	for _, saved := range []int{9, 10} {
		synctest.Test(t, func(t *testing.T) {
			ctx, interrupt := context.WithCancel(t.Context())
			let := make(chan struct{})
			r := &trainRun{trainer: stuck{let: let}, saved: saved}
			var err error
			ended := false
			go func() { _, err = r.step(ctx); ended = true }()
			interrupt()
			if synctest.Wait(); ended != (saved == 10) || r.abandoned != ended {
				t.Errorf("the state of step %d is saved: it has ended: %v, the step is left: %v", saved, ended, r.abandoned)
			}
			close(let)
			if synctest.Wait(); !ended || errors.Is(err, context.Canceled) != (saved == 10) {
				t.Errorf("the state of step %d is saved: it ends with %v", saved, err)
			}
		})
	}
}

// No state is written before -save says so: a short run has the one that it began with, and the last.
func TestSavesNoMoreThanAsked(t *testing.T) {
	clitest.NeedsSIMD(t)
	t.Chdir(t.TempDir())
	pictures(t, "pictures", 3, 1)
	does(t, "", with(tiny, "-data", "pictures", "-out", "a", "-save", "60", "-steps", "30")...)
	paths, err := spdiff.Checkpoints("a")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, path := range paths {
		names = append(names, filepath.Base(path))
	}
	if want := []string{"state-000000030.safetensors", "state-000000000.safetensors"}; !slices.Equal(names, want) {
		t.Errorf("there are %v, want %v", names, want)
	}
}

// An interrupted run saves, says how to go on, and is no success; one that is interrupted before it begins leaves nothing.
func TestInterrupt(t *testing.T) {
	clitest.NeedsSIMD(t)
	t.Chdir(t.TempDir())
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		for newest(t, "a") < 0 {
			time.Sleep(time.Millisecond)
		}
		cancel()
	}()
	args := strings.Fields("-mult 1 -blocks 1 -batch 2 -attention= -out a")
	if err := Run(ctx, args); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if _, err := spdiff.Load("a/" + modelFile); err != nil {
		t.Error(err)
	}
	args[len(args)-1] = "b"
	if err := Run(ctx, args); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := os.Stat("b"); err == nil {
		t.Error("b was made")
	}
}
