package train

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"spdiff"
	"spdiff/cmd/internal/cli/clitest"
	"spdiff/cmd/internal/evaluation"
	"spdiff/tensor"
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
	old := evaluation.Forms
	t.Cleanup(func() { evaluation.Forms = old })
	evaluation.Forms = []evaluation.Form{{Name: "ink", Shape: [3]int{28, 28, 1}, Open: func() (evaluation.Network, error) {
		return evaluation.Network{Extractor: ink{}}, nil
	}}}
}

// measurable are flags of a run on few digits that is measured.
var measurable = strings.Fields("-attention= -width 32 -mult 1 -blocks 1 -batch 2 -limit 20 -evaluate 2")

// A run that is measured has a line for each time, which it knows when it goes on, and its best model beside the last.
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
	for _, bad := range []string{"-evaluate 1", "-evaluate -3", "-inception x"} {
		if _, err := parse(strings.Fields(bad)); err == nil {
			t.Errorf("%s is taken", bad)
		}
	}
}

// The model at the end is measured also where no samples are drawn, and once: a later call that makes no step measures it only where a
// call before was kept from it.
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
	os.WriteFile(table, []byte(measuredHead), 0o644)
	does(t, "", again...)
	if _, err := os.Stat(best); err != nil || text(t, table) != measured {
		t.Errorf("what was not measured is not: %q, %v", text(t, table), err)
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
	o, err := parse(with(measurable, "-samples", "0", "-steps", "2", "-out", filepath.Join(t.TempDir(), "run")))
	if err != nil {
		t.Fatal(err)
	}
	r, err := begin(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer r.close()
	said := ""
	r.note = func(text string) { said += text + "\n" }
	if err := errors.Join(r.watch(t.Context(), o), r.train(t.Context())); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(said, "FD-ink: ") {
		t.Errorf("it says %q", said)
	}
}
