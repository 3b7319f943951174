package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"spdiff"
	"spdiff/group"
	"spdiff/nn"
	"spdiff/tensor/npy"
)

// flat is a source of grey images.
type flat struct{}

func (flat) Len() int             { return 4 }
func (flat) Shape() (h, w, c int) { return 8, 8, 1 }
func (flat) Image(dst []float32, i int) (int, error) {
	for k := range dst {
		dst[k] = float32(i)/4 - 0.5
	}
	return i % 2, nil
}

// model trains for a step and returns its file.
func model(t *testing.T) string {
	t.Helper()
	c := spdiff.Config{
		Group: group.C4, Batch: 2, Steps: 1,
		Network:   nn.UNetConfig{ImageHeight: 8, ImageWidth: 8, In: 1, Out: 1, Width: 8, Mult: []int{1}, Blocks: 1, Head: 8, Groups: 4, Kernel: 3, Classes: 2},
		Optimizer: nn.OptimizerConfig{Rule: nn.RAdam(), Averages: []nn.Average{{}}}, Rate: nn.Schedule{Rate: 1e-3},
	}
	m, err := spdiff.Train(context.Background(), c.Normalise(), flat{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "model.safetensors")
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestBadFlags(t *testing.T) {
	for args, want := range map[string]string{
		"":                                "-model is missing",
		"-model m -n 0":                   "at least 1",
		"-model m -solver heun":           "ddim and em",
		"-model m -solver ddim -lambda 1": "ddim has -eta",
		"-model m -solver em -eta 1":      "em has -lambda",
		"-model m -eta 2":                 "from 0 to 1",
		"-model m -solver em -lambda -1":  "negative",
		"-model m -out x.jpg":             ".png or .npz",
		"-model m -trajectory x":          "end in .png",
		"-model m more":                   "no flag",
	} {
		err := run(context.Background(), strings.Fields(args))
		var usage usageError
		if !errors.As(err, &usage) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; want a usage error with %q", args, err, want)
		}
	}
	if err := run(context.Background(), []string{"-h"}); err != flag.ErrHelp {
		t.Errorf("-h returns %v", err)
	}
}

// A file that is no model is an error with its name.
func TestBadModel(t *testing.T) {
	path := filepath.Join(t.TempDir(), "m.safetensors")
	os.WriteFile(path, []byte("not a model at all"), 0o644)
	if err := run(context.Background(), []string{"-model", path}); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v", err)
	}
}

// The grid, the folder, the archive and the trajectory are there; the archive has the images of their numbers in any batch.
func TestOutputs(t *testing.T) {
	m, dir := model(t), t.TempDir()
	do := func(args string) {
		t.Helper()
		if err := run(context.Background(), append([]string{"-model", m, "-steps", "3"}, strings.Fields(args)...)); err != nil {
			t.Fatal(err)
		}
	}
	do(fmt.Sprintf("-n 5 -out %s/grid.png -trajectory %s/way.png", dir, dir))
	do(fmt.Sprintf("-n 2 -out %s/single -class 1 -solver em -lambda 0.5", dir))
	do(fmt.Sprintf("-n 5 -batch 2 -out %s/a.npz", dir))
	do(fmt.Sprintf("-n 2 -first 3 -out %s/b.npz", dir))
	for _, name := range []string{"grid.png", "way.png", "single/000000.png", "single/000001.png"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	a, err := npy.ReadArchive(dir + "/a.npz")
	if err != nil {
		t.Fatal(err)
	}
	b, err := npy.ReadArchive(dir + "/b.npz")
	if err != nil {
		t.Fatal(err)
	}
	x, y := a["images"].Data()[3*64:], b["images"].Data()
	for i := range x {
		if x[i] != y[i] {
			t.Fatalf("number %d of images 3 and 4 is %v among five, %v alone", i, x[i], y[i])
		}
	}
	if err := run(context.Background(), []string{"-model", m, "-class", "7", "-out", dir + "/x.png"}); err == nil || !strings.Contains(err.Error(), "2 classes") {
		t.Errorf("class 7: %v", err)
	}
}
