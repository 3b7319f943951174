package train

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"spdiff"
	"spdiff/cmd/internal/cli/clitest"
	"spdiff/cmd/internal/evaluation"
	"spdiff/nn/features"
	"spdiff/tensor"
	"spdiff/tensor/atomicfile"
)

// ink is a feature network of one number.
type ink struct{}

func (ink) Name() string { return "ink/1" }
func (ink) Dim() int     { return 1 }
func (ink) Of(ctx context.Context, images *tensor.Tensor) (*tensor.Tensor, error) {
	z := tensor.New(images.Shape()[0], 1)
	for i := range z.Data() {
		for _, v := range images.At(i).Data() {
			z.Data()[i] += v / 64
		}
	}
	return z, ctx.Err()
}

// inked makes ink the only network that there is, for digits.
func inked(t *testing.T) {
	t.Helper()
	measuredBy(t, ink{})
}

// measuredBy makes a network the only one that there is, for digits.
func measuredBy(t *testing.T, x features.Extractor) {
	t.Helper()
	old := evaluation.Forms
	t.Cleanup(func() { evaluation.Forms = old })
	evaluation.Forms = []evaluation.Form{{Name: "ink", Shape: [3]int{28, 28, 1}, Open: func() (evaluation.Network, error) {
		return evaluation.Network{Extractor: x}, nil
	}}}
}

// measurable are flags of a run on few digits that is measured.
var measurable = strings.Fields("-attention= -width 32 -mult 1 -blocks 1 -batch 2 -limit 20 -evaluate 2")

// measuring is a run that has begun and is ready to be measured.
func measuring(t *testing.T, args ...string) *trainRun {
	t.Helper()
	o, err := parse(args)
	if err != nil {
		t.Fatal(err)
	}
	r, err := begin(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.close)
	if err := r.watch(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	return r
}

// A run that is measured has a line for each time, which it knows when it goes on, and its best model beside the last. TensorBoard shows
// the distances, the losses and the samples.
func TestEvaluateOnTheWay(t *testing.T) {
	inked(t)
	folder := filepath.Join(t.TempDir(), "run")
	if err := Run(t.Context(), with(measurable, "-samples", "1", "-steps", "2", "-out", folder)); err != nil {
		t.Fatal(err)
	}
	if _, err := spdiff.Load(filepath.Join(folder, bestFile)); err != nil {
		t.Error(err)
	}
	if err := Run(t.Context(), []string{"-resume", folder, "-steps", "3", "-samples", "1", "-evaluate", "2"}); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(folder, measuredFile))
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	if err != nil || len(lines) != 3 || !strings.HasPrefix(lines[1], "2,FD-ink,") || !strings.HasPrefix(lines[2], "3,FD-ink,") {
		t.Errorf("%q, %v", lines, err)
	}
	shown := eventsOf(t, folder)
	for _, tag := range []string{"train/loss", "evaluate/fd_ink", "samples"} {
		if n := strings.Count(shown, fmt.Sprintf("\n%c%s", len(tag), tag)); n != 2 { // a text of field 1, its length before it
			t.Errorf("of two calls TensorBoard shows %s %d times", tag, n)
		}
	}
	for _, bad := range []string{"-evaluate 1", "-evaluate -3", "-inception x"} {
		if _, err := parse(strings.Fields(bad)); err == nil {
			t.Errorf("%s is taken", bad)
		}
	}
}

// eventsOf returns what a run's folder has for TensorBoard, one file.
func eventsOf(t *testing.T, folder string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "events.out.tfevents.*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%v, %v; want one file of events", files, err)
	}
	return text(t, files[0])
}

// The model at the end is measured also where no samples are drawn, and once: a later call that makes no step measures it only where a
// call before was kept from it, or from writing the line to its end.
func TestMeasuredAtTheEnd(t *testing.T) {
	inked(t)
	folder := filepath.Join(t.TempDir(), "run")
	table, best := filepath.Join(folder, measuredFile), filepath.Join(folder, bestFile)
	again := []string{"-resume", folder, "-samples", "0", "-steps", "2", "-evaluate", "2"}
	does(t, "", with(measurable, "-samples", "0", "-steps", "2", "-out", folder)...)
	measured := text(t, table)
	if err := os.Remove(best); err != nil || !strings.HasPrefix(measured, measuredHead+"2,FD-ink,") {
		t.Errorf("%q, %v", measured, err)
	}
	does(t, "", again...)
	if _, err := os.Stat(best); !errors.Is(err, fs.ErrNotExist) || text(t, table) != measured {
		t.Errorf("a call without a step measures: %q, %v", text(t, table), err)
	}
	for _, left := range []string{measuredHead, measuredHead + "2,FD-ink,1"} {
		os.WriteFile(table, []byte(left), 0o644)
		does(t, "", again...)
		if _, err := os.Stat(best); err != nil || text(t, table) != measured {
			t.Errorf("after %q: what was not measured is not: %q, %v", left, text(t, table), err)
		}
	}
}

// What was measured of another number of samples, of one that an older table does not say, or against other images, is measured again, once.
func TestMeasuredOfOthers(t *testing.T) {
	inked(t)
	folder := filepath.Join(t.TempDir(), "run")
	table := filepath.Join(folder, measuredFile)
	again := []string{"-resume", folder, "-samples", "0", "-steps", "2", "-evaluate"}
	does(t, "", with(measurable, "-samples", "0", "-steps", "2", "-out", folder)...)
	for _, n := range []string{"3", "3", "2"} {
		does(t, "", with(again, n)...)
	}
	lines := strings.Split(text(t, table), "\n")
	if len(lines) != 4 || !strings.HasSuffix(lines[1], ",2") || !strings.HasSuffix(lines[2], ",3") {
		t.Errorf("of 2 and of 3 samples: %q", lines)
	}
	os.WriteFile(table, []byte("step,distance,value\n2,FD-ink,1.5\n"), 0o644)
	does(t, "", with(again, "2")...)
	if got := text(t, table); got != measuredHead+"2,FD-ink,1.5,\n"+lines[1]+"\n" {
		t.Errorf("after an older table: %q", got)
	}
	does(t, "", with(again, "2", "-new-data", "-limit", "10")...)
	if got := text(t, table); strings.Count(got, "\n2,FD-ink,") != 3 {
		t.Errorf("against other images: %q", got)
	}
}

// A run that ends before its first step is measured, for nothing was before.
func TestMeasuredBeforeTheFirstStep(t *testing.T) {
	inked(t)
	folder := filepath.Join(t.TempDir(), "run")
	said := clitest.Captured(t, func() { does(t, "", with(measurable, "-samples", "0", "-minutes", "1e-9", "-out", folder)...) })
	if got := text(t, filepath.Join(folder, measuredFile)); !strings.HasPrefix(got, measuredHead+"0,FD-ink,") || strings.Contains(said, "already") {
		t.Errorf("%q: %s", got, said)
	}
}

// What a full disk did not take of a line is written later, over what was half-written; the next line is one of its own.
func TestMeasureCatchesUp(t *testing.T) {
	inked(t)
	r := measuring(t, with(measurable, "-samples", "0", "-steps", "9", "-out", filepath.Join(t.TempDir(), "run"))...)
	table := r.path(measuredFile)
	broken, err := os.Open(table) // for reading alone
	if err != nil {
		t.Fatal(err)
	}
	defer broken.Close()
	good := r.table.file
	r.table.file = broken
	if err := r.measure(t.Context()); err == nil {
		t.Fatal("no error")
	}
	os.WriteFile(table, []byte(measuredHead+"0,FD-i"), 0o644) // what there was room for
	r.table.file = good
	if err := r.save(); err != nil || strings.Count(text(t, table), "\n0,FD-ink,") != 1 {
		t.Errorf("%v: saved with %q", err, text(t, table))
	}
	if _, err := r.trainer.Step(); err != nil {
		t.Fatal(err)
	}
	if err := r.measure(t.Context()); err != nil {
		t.Fatal(err)
	}
	if lines := strings.SplitAfter(text(t, table), "\n"); len(lines) != 4 || !strings.HasPrefix(lines[2], "1,FD-ink,") || lines[3] != "" {
		t.Errorf("the lines are %q", lines)
	}
}

// The best model of a run stays the best where the line that says so is lost, as of a run that was killed before it saved: it is measured
// again.
func TestBestIsMeasuredAgain(t *testing.T) {
	inked(t)
	folder := filepath.Join(t.TempDir(), "run")
	does(t, "", with(measurable, "-samples", "0", "-steps", "2", "-out", folder)...)
	os.WriteFile(filepath.Join(folder, measuredFile), []byte(measuredHead), 0o644)
	said := clitest.Captured(t, func() { does(t, "", "-resume", folder, "-samples", "0", "-steps", "2", "-evaluate", "2") })
	if !strings.Contains(said, "FD-ink: ") || strings.Contains(said, "best so far") {
		t.Errorf("the best model once more is no better: %s", said)
	}
}

// far is ink, and so much further away.
type far struct {
	ink
	by *float32
}

func (f far) Of(ctx context.Context, images *tensor.Tensor) (*tensor.Tensor, error) {
	z, err := f.ink.Of(ctx, images)
	for i := range z.Data() {
		z.Data()[i] += *f.by
	}
	return z, err
}

// A best model that could not be written is not the best: one that is better than all that are kept is kept.
func TestBestIsOneThatIsKept(t *testing.T) {
	by := new(float32)
	measuredBy(t, far{by: by})
	r := measuring(t, with(measurable, "-samples", "0", "-steps", "9", "-out", filepath.Join(t.TempDir(), "run"))...)
	best := r.path(bestFile)
	at := func(distance float32) (said string, err error) {
		*by, r.measured = distance, -1
		said = clitest.Captured(t, func() { err = r.measure(t.Context()) })
		return said, err
	}
	if said, err := at(40); err != nil || !strings.Contains(said, "best so far") {
		t.Fatalf("the first: %s, %v", said, err)
	}
	if err := errors.Join(os.Remove(best), os.Mkdir(best, 0o755)); err != nil { // in the place of a folder no file is written
		t.Fatal(err)
	}
	if said, err := at(10); err == nil {
		t.Errorf("it is written into a folder's place: %s", said)
	}
	os.Remove(best)
	if said, err := at(20); err != nil || !strings.Contains(said, "best so far") {
		t.Errorf("better than all that are kept: %s, %v", said, err)
	}
	if _, err := spdiff.Load(best); err != nil {
		t.Error(err)
	}
	if said, err := at(30); err != nil || strings.Contains(said, "best so far") {
		t.Errorf("worse: %s, %v", said, err)
	}
}

// An unsynced training has models which are written, but the disk does not confirm it.
type unsynced struct{ training }

func (u unsynced) model() sampler { return unconfirmed{u.training.model()} }

type unconfirmed struct{ sampler }

func (u unconfirmed) Save(path string) error {
	if err := u.sampler.Save(path); err != nil {
		return err
	}
	return fmt.Errorf("%s: %w", path, &atomicfile.UnsyncedError{Cause: fs.ErrPermission})
}

// A best model whose folder could not be synced is there, and the best: that it is not confirmed is a warning.
func TestBestUnsynced(t *testing.T) {
	inked(t)
	r := measuring(t, with(measurable, "-samples", "0", "-steps", "9", "-out", filepath.Join(t.TempDir(), "run"))...)
	r.trainer = unsynced{r.trainer}
	said := clitest.Captured(t, func() {
		if err := r.measure(t.Context()); err != nil {
			t.Error(err)
		}
	})
	if !strings.Contains(said, "warning: ") || !strings.Contains(said, "best so far") || r.watching.Best < 0 || r.measured != 0 {
		t.Errorf("the best is %v, of step %d: %s", r.watching.Best, r.measured, said)
	}
}

// A GAN is measured as a diffusion is.
func TestMeasuredGAN(t *testing.T) {
	inked(t)
	folder := filepath.Join(t.TempDir(), "run")
	does(t, "", strings.Fields("-gan spgan -batch 2 -limit 20 -samples 0 -steps 1 -evaluate 2 -out "+folder)...)
	if got := text(t, filepath.Join(folder, measuredFile)); !strings.HasPrefix(got, measuredHead+"1,FD-ink,") {
		t.Errorf("%q", got)
	}
	if _, err := spdiff.LoadGAN(filepath.Join(folder, bestFile)); err != nil {
		t.Error(err)
	}
}

// Features that are not there are told before a folder is made, and by -n.
func TestNoFeatures(t *testing.T) {
	t.Chdir(t.TempDir())
	pictures(t, "pictures", 3, 1)
	args := with(tiny, "-data", "pictures", "-out", "a", "-steps", "1", "-evaluate", "2")
	for _, more := range [][]string{nil, {"-n"}} {
		does(t, "no features of our own", with(args, more...)...)
		does(t, "nowhere.pth", with(with(args, "-inception", "nowhere.pth"), more...)...)
	}
	if _, err := os.Stat("a"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder is there: %v", err)
	}
}

// What is said after the last line of the progress is said as it was before the training, and not over that line.
func TestSaidAtTheEnd(t *testing.T) {
	inked(t)
	r := measuring(t, with(measurable, "-samples", "0", "-steps", "2", "-out", filepath.Join(t.TempDir(), "run"))...)
	said := ""
	r.note = func(text string) { said += text + "\n" }
	if err := r.train(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(said, "FD-ink: ") {
		t.Errorf("it says %q", said)
	}
}
