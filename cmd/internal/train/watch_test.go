package train

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"spdiff"
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

// A run that is measured has a line for each time, which it knows when it goes on, and its best model beside the last.
func TestEvaluateOnTheWay(t *testing.T) {
	old := evaluation.Forms
	defer func() { evaluation.Forms = old }()
	evaluation.Forms = []evaluation.Form{{Name: "ink", Shape: [3]int{28, 28, 1}, Open: func() (evaluation.Network, error) {
		return evaluation.Network{Extractor: ink{}}, nil
	}}}
	folder := filepath.Join(t.TempDir(), "run")
	args := "-attention= -width 32 -mult 1 -blocks 1 -batch 2 -limit 20 -samples 1 -evaluate 2 -out " + folder
	if err := Run(t.Context(), append(strings.Fields(args), "-steps", "2")); err != nil {
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
