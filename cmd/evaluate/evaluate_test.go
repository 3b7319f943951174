package main

import (
	"context"
	"encoding/json"
	"fmt"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"spdiff"
	"spdiff/cmd/internal/cli/clitest"
	"spdiff/cmd/internal/evaluation"
	"spdiff/cmd/internal/grid"
	"spdiff/group"
	"spdiff/tensor"
	"spdiff/tensor/metrics"
	"spdiff/tensor/npy"
)

// corners is a feature network: three pixels, and their sum.
type corners struct{}

func (corners) Name() string { return "corners/1" }
func (corners) Dim() int     { return 4 }
func (corners) Of(ctx context.Context, images *tensor.Tensor) (*tensor.Tensor, error) {
	z := tensor.New(images.Shape()[0], 4)
	for i := range images.Shape()[0] {
		x, f := images.At(i).Data(), z.At(i).Data()
		f[0], f[1], f[2] = x[0], x[7], x[len(x)/2]
		f[3] = f[0]*f[1] + f[2]
	}
	return z, ctx.Err()
}

func (corners) Classify(_ context.Context, images *tensor.Tensor) ([]int, error) {
	return make([]int, images.Shape()[0]), nil
}

func TestMain(m *testing.M) {
	evaluation.Forms = append(evaluation.Forms, evaluation.Form{Name: "corners", What: "three pixels", Shape: [3]int{8, 8, 1},
		Open: func() (evaluation.Network, error) { return evaluation.Network{Extractor: corners{}, Classes: 2}, nil }})
	os.Exit(m.Run())
}

// noisy is a source of grey images.
type noisy struct{ seed uint64 }

func (noisy) Len() int             { return 40 }
func (noisy) Shape() (h, w, c int) { return 8, 8, 1 }
func (s noisy) Image(dst []float32, i int) (int, error) {
	tensor.NewStream(s.seed, uint64(i)).Uniform(dst, 0)
	for k := range dst {
		dst[k] = 2*dst[k] - 1
	}
	return i % 2, nil
}

// model trains for a step and returns its file.
func model(t *testing.T) string {
	t.Helper()
	c := clitest.Tiny(group.C4, spdiff.WT, 1, 2)
	c.Steps, c.Rate.Rate = 1, 1e-3
	return clitest.Model(t, c, noisy{1})
}

// archive writes images of a seed, in another order if turned round, and returns their file.
func archive(t *testing.T, seed uint64, round bool) string {
	t.Helper()
	x := tensor.New(40, 8, 8, 1)
	for i := range 40 {
		at := i
		if round {
			at = 39 - i
		}
		noisy{seed}.Image(x.At(at).Data(), i)
	}
	return written(t, map[string]*tensor.Tensor{"images": x})
}

// labelled writes such images, all of class 0.
func labelled(t *testing.T, seed uint64) string {
	t.Helper()
	x := tensor.New(40, 8, 8, 1)
	for i := range 40 {
		noisy{seed}.Image(x.At(i).Data(), i)
	}
	return written(t, map[string]*tensor.Tensor{"images": x, "labels": tensor.New(40)})
}

// written returns the path of an archive.
func written(t *testing.T, arrays map[string]*tensor.Tensor) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "images.npz")
	if err := npy.WriteArchive(path, arrays); err != nil {
		t.Fatal(err)
	}
	return path
}

// measured runs the command with -json and returns what it prints.
func measured(t *testing.T, args ...string) map[string]any {
	t.Helper()
	out := clitest.Captured(t, func() {
		if err := run(t.Context(), append([]string{"-json"}, args...)); err != nil {
			t.Fatalf("%v: %v", args, err)
		}
	})
	var values map[string]any
	if err := json.Unmarshal([]byte(out), &values); err != nil {
		t.Fatalf("%v: %v in %q", args, err, out)
	}
	return values
}

// Without fd no distance is measured, and of what is denoised no sample is drawn.
func TestWithoutDistance(t *testing.T) {
	base := []string{"-model", model(t), "-reference", labelled(t, 1), "-steps", "2"}
	restored := append(base, "-measure", "delta_x0,psnr,ssim", "-restore", "2")
	near := append(base, "-measure", "nearest", "-nearest", "3", "-picture", filepath.Join(t.TempDir(), "n.png"))
	for n, args := range map[float64][]string{0: restored, 3: near} {
		got := measured(t, args...)
		if _, has := got["fd"]; has || got["n"] != n || got["features"] != "" || strings.Contains(got["reference"].(string), "samples") != (n > 0) {
			t.Errorf("%v: %v", args, got)
		}
	}
	if got := measured(t, append(near, "-n", "2")...); got["n"] != 2.0 || !strings.HasPrefix(got["reference"].(string), "2 samples") || got["distance"] != nil {
		t.Errorf("two samples: %v", got)
	}
	for flags, want := range map[string]string{"nearest -seeds 2": "-seeds needs", "psnr -statistics s.npz": "-statistics needs", "inv_fd -group C1": "no turned copies",
		"fd -shard 0/2 -statistics s.npz": "of all parts together"} {
		if err := run(t.Context(), append(base, append([]string{"-measure"}, strings.Fields(flags)...)...)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("-measure %s: %v", flags, err)
		}
	}
	if got := measured(t, append(base, "-measure", "kid", "-n", "10")...); got["fd"] != nil || got["kid"] == nil {
		t.Errorf("the kernel distance alone: %v", got)
	}
	said := clitest.Captured(t, func() {
		if err := run(t.Context(), append(base, "-measure", "psnr", "-restore", "2")); err != nil {
			t.Error(err)
		}
	})
	if strings.Contains(said, "samples") || !strings.Contains(said, "Δx₀") {
		t.Errorf("%s", said)
	}
	if err := run(t.Context(), append(base, "-measure", "fd,psnr", "-restore", "2", "-start", "5")); err == nil || !strings.Contains(err.Error(), "Start is 5") {
		t.Errorf("-start 5: %v", err)
	}
}

func TestBadFlags(t *testing.T) {
	clitest.BadFlags(t, run, map[string]string{
		"":                                        "either -model or -samples",
		"-model m -samples s":                     "either -model or -samples",
		"-model m":                                "-reference is missing",
		"-model m -reference r -n 1":              "2 or more",
		"-model m -reference r -seeds 0":          "at least 1",
		"-model m -reference r -first -1":         "negative",
		"-model m -reference r -jackknife 1":      "2 or more",
		"-model m -reference r -start -1":         "a time of",
		"-model m -reference r -group C3":         "C3",
		"-model m -reference r -measure fid":      "fd, inv_fd, kid",
		"-model m -reference r -solver rk4":       "rk4",
		"-model m -reference r -solver em -eta 1": "-lambda",

		"-model m -reference r -shard 0/2 -out x.json":           "end in .npz",
		"-model m -reference r -measure nearest -picture x.jpg":  "end in .png",
		"-model m -reference r -out x.npz":                       "-shard I/N",
		"-model m -reference r -restore 8":                       "-measure delta_x0 or psnr or ssim",
		"-model m -reference r -start 0.5 -measure fd,nearest":   "-measure delta_x0 or psnr or ssim",
		"-model m -reference r -nearest 4":                       "-measure nearest",
		"-model m -reference r -picture x.png":                   "-measure nearest",
		"-samples s -reference r -features digits -measure psnr": "-measure fd or inv_fd",
		"-model m -reference r -jackknife 5 -seeds 2":            "of one seed",
		"-model m -reference r -jackknife 5 -measure kid":        "-measure fd without",
		"-model m -reference r -n 8 -measure delta_x0":           "-measure nearest or fd or",
		"-model m -reference r -first 8 -measure psnr":           "-measure nearest or fd or",
		"-model m -reference r -n 17 -measure nearest,psnr":      "leave -n out",

		"-model m -reference r -shard 4/4": "from 0",
		"-model m -reference r more":       "follow -merge",
		"-samples s -reference r -seeds 3": "-seeds is for a -model",
		"-samples s -reference r -steps 9": "-steps is for a -model",
		"-merge":                           "followed by",
		"-merge -n 5 a.npz":                "-n does not go with -merge",
	})
	help := clitest.Help(t, run)
	for _, text := range []string{"evaluate -model", "corners", "inception:FILE", "mnist:FOLDER", "-shard", "-merge PART"} {
		if !strings.Contains(help, text) {
			t.Errorf("-h does not have %s", text)
		}
	}
}

// A set is at exactly 0 from itself, as an archive or as a folder, whatever its files are called.
func TestItself(t *testing.T) {
	a, b := archive(t, 1, false), archive(t, 1, true)
	for _, c := range [][2]string{{a, a}, {a, b}} {
		r := measured(t, "-samples", c[0], "-reference", c[1])
		if r["fd"] != 0.0 || r["fd_low"] != 0.0 || r["n"] != 40.0 || r["distance"] != "FD-corners" || r["features"] != "corners/1" {
			t.Errorf("%v", r)
		}
		if _, there := r["inv_fd"]; there {
			t.Error("Inv-FID over no group")
		}
	}
	one, two := t.TempDir(), t.TempDir()
	for i := range 12 {
		x := make([]float32, 64)
		noisy{1}.Image(x, i)
		for _, path := range []string{filepath.Join(one, fmt.Sprintf("%03d.png", i)), filepath.Join(two, fmt.Sprintf("z%d.png", 99-i))} {
			if err := grid.WriteSingle(path, x, 8, 8, 1); err != nil {
				t.Fatal(err)
			}
		}
	}
	if r := measured(t, "-samples", one, "-reference", two); r["fd"] != 0.0 {
		t.Errorf("folders: %v", r)
	}
}

// A jackknife over more parts than there are pairs of samples is an error, and over as many it is made.
func TestJackknifeOfFew(t *testing.T) {
	a := archive(t, 1, false)
	args := []string{"-samples", a, "-reference", a, "-jackknife"}
	clitest.BadFlags(t, run, map[string]string{strings.Join(args, " ") + " 21": "20 parts of two"})
	if r := measured(t, append(args, "20")...); r["fd_low"] == nil {
		t.Errorf("over 20 parts of 40 samples: %v", r)
	}
}

// Parts, some of them made twice, add up to what one run gives, but for the time.
func TestParts(t *testing.T) {
	m, reference, dir := model(t), labelled(t, 2), t.TempDir()
	picture := filepath.Join(dir, "near.png")
	args := []string{"-model", m, "-reference", reference, "-n", "21", "-steps", "2", "-batch", "4", "-seeds", "2", "-measure", "all", "-restore", "5", "-nearest", "3"}
	whole := measured(t, append(args, "-picture", picture)...)
	if f, err := os.Open(picture); err != nil {
		t.Error(err)
	} else if _, err := png.Decode(f); err != nil {
		t.Error(err)
	}
	var parts []string
	for _, k := range []int{1, 0, 2, 1} {
		if k == 2 { // as a task of an array
			t.Setenv("SLURM_ARRAY_TASK_ID", "12")
			t.Setenv("SLURM_ARRAY_TASK_MIN", "10")
			t.Setenv("SLURM_ARRAY_TASK_MAX", "12")
			t.Setenv("SLURM_ARRAY_TASK_COUNT", "3")
		}
		out := filepath.Join(dir, "part.npz")
		more := []string{"-out", out}
		if k != 2 {
			more = append(more, "-shard", fmt.Sprintf("%d/3", k))
		}
		if err := run(t.Context(), append(args, more...)); err != nil {
			t.Fatal(err)
		}
	}
	for k := range 3 {
		parts = append(parts, filepath.Join(dir, fmt.Sprintf("part.%d-of-3.npz", k)))
	}
	merged := measured(t, append([]string{"-merge", "-picture", picture}, parts...)...)
	if merged["seconds"] == whole["seconds"] {
		t.Error("the time is not measured")
	}
	delete(merged, "seconds")
	delete(whole, "seconds")
	if !reflect.DeepEqual(merged, whole) {
		t.Errorf("of parts %v\nof the whole %v", merged, whole)
	}
	for _, name := range []string{"fd", "fd_low", "fd_high", "inv_fd", "kid", "precision", "recall", "delta_x0", "psnr", "ssim", "mse", "before", "n",
		"reference", "features", "copied", "classes"} {
		if _, there := whole[name]; !there {
			t.Errorf("there is no %s", name)
		}
	}
	err := run(t.Context(), append([]string{"-merge", "-picture", picture}, parts[1:]...))
	if err == nil || !strings.Contains(err.Error(), "parts [0] of 3 are missing") {
		t.Errorf("a part is missing: %v", err)
	}
	if text := clitest.Captured(t, func() { run(t.Context(), append([]string{"-merge", "-picture", picture}, parts...)) }); !strings.Contains(text, "Δx₀") ||
		!strings.Contains(text, "FD-corners") || !strings.Contains(text, "the mean of 2 seeds") || !strings.Contains(text, "made:   "+picture) {
		t.Errorf("it says %q", text)
	}
}

// The statistics that are written serve as the reference.
func TestStatistics(t *testing.T) {
	samples, reference, path := archive(t, 1, false), archive(t, 2, false), filepath.Join(t.TempDir(), "s.npz")
	want := measured(t, "-samples", samples, "-reference", reference, "-group", "C4", "-statistics", path)
	got := measured(t, "-samples", samples, "-reference", path, "-group", "C4")
	for _, name := range []string{"fd", "fd_low", "fd_high", "fd_bias", "inv_fd", "spread"} {
		if got[name] != want[name] || want[name] == nil {
			t.Errorf("%s: %v; by the images %v", name, got[name], want[name])
		}
	}
	if s, err := metrics.LoadStatistics(path); err != nil || s.Images != 160 || s.Feature != "corners/1" {
		t.Errorf("%+v, %v", s, err)
	}
	clitest.BadFlags(t, run, map[string]string{"-limit 8 -samples " + samples + " -reference " + path: "statistics alone"})
}

// What is left out of the images of both sides is said at the beginning, and is not in the JSON.
func TestNotes(t *testing.T) {
	dirs := []string{t.TempDir(), t.TempDir()}
	for k, dir := range dirs {
		for i := range 40 {
			x := make([]float32, 64)
			noisy{uint64(k)}.Image(x, i)
			if err := grid.WriteSingle(filepath.Join(dir, fmt.Sprintf("%02d.png", i)), x, 8, 8, 1); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, path := range []string{filepath.Join(dirs[0], "readme.txt"), filepath.Join(dirs[1], ".hidden.png")} {
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	args := []string{"-samples", dirs[0], "-reference", dirs[1], "-n", "30", "-limit", "30"}
	said := clitest.Captured(t, func() {
		if err := run(t.Context(), args); err != nil {
			t.Error(err)
		}
	})
	for _, want := range []string{`data:  -samples: left out, as files of other kinds: 1 ".txt"`, `data:  -reference: left out, as hidden: ".hidden.png"`} {
		if !strings.Contains(said, want+"\n") {
			t.Errorf("it says %q; want %q in it", said, want)
		}
	}
	measured(t, args...)
}

// What does not compare is an error that names the file or the flag.
func TestRefuses(t *testing.T) {
	good, dir := archive(t, 1, false), t.TempDir()
	short, empty, mixed := filepath.Join(dir, "short.npz"), filepath.Join(dir, "empty"), filepath.Join(dir, "mixed")
	whole, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	os.WriteFile(short, whole[:len(whole)/2], 0o644)
	os.Mkdir(empty, 0o755)
	os.Mkdir(mixed, 0o755)
	cut := filepath.Join(dir, "cut")
	os.Mkdir(cut, 0o755)
	for i, folder := range []string{mixed, cut, cut} {
		grid.WriteSingle(filepath.Join(folder, fmt.Sprintf("%d.png", i)), make([]float32, 64), 8, 8, 1)
	}
	grid.WriteSingle(filepath.Join(mixed, "colour.png"), make([]float32, 192), 8, 8, 3)
	file, _ := os.ReadFile(filepath.Join(cut, "2.png"))
	os.WriteFile(filepath.Join(cut, "2.png"), file[:len(file)-20], 0o644)
	bad := tensor.New(4, 8, 8, 1)
	bad.Data()[0], bad.Data()[200] = -1, float32(math.NaN())
	nan := filepath.Join(dir, "nan.npz")
	npy.WriteArchive(nan, map[string]*tensor.Tensor{"images": bad})
	for samples, want := range map[string]string{short: "short.npz", empty: "empty", mixed: "grey and colour", cut: "2.png", nan: "NaN"} {
		err := run(t.Context(), []string{"-samples", samples, "-reference", good})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", samples, err)
		}
	}
	if err := run(t.Context(), []string{"-samples", good, "-reference", good, "-features", "x"}); err == nil || !strings.Contains(err.Error(), "corners") {
		t.Errorf("-features x: %v", err)
	}
	if err := run(t.Context(), []string{"-merge", good}); err == nil || !strings.Contains(err.Error(), "no part of an evaluation") {
		t.Errorf("-merge of images: %v", err)
	}
}
