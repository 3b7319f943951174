package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"spdiff"
	"spdiff/cmd/internal/cli/clitest"
	"spdiff/cmd/internal/solvers"
	"spdiff/group"
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
	return clitest.Model(t, config(), flat{})
}

func config() spdiff.Config {
	c := clitest.Tiny(group.C4, spdiff.WT, 1, 2)
	c.Steps, c.Rate.Rate = 1, 1e-3
	return c
}

func TestBadFlags(t *testing.T) {
	clitest.BadFlags(t, run, map[string]string{
		"":                                        "-model is missing",
		"-model m -n 0":                           "at least 1",
		"-model m -solver rk4":                    "ddim, ddpm, dpm, heun, em, sra1, pc, dopri",
		"-model m -solver ddim -lambda 1":         "ddim, which has -eta",
		"-model m -solver em -eta 1":              "em, which has -lambda",
		"-model m -solver ddpm -eta 1":            "ddpm, which has no setting",
		"-model m -solver pc -tol 1":              "pc, which has -lambda, -corrections, -snr",
		"-model m -solver heun -churn -1":         "from 0 to 1e6",
		"-model m -solver dopri -tol 0":           "above 0",
		"-model m -eta 2":                         "from 0 to 1",
		"-model m -solver em -lambda -1":          "from 0 to 1e6",
		"-model m -out x.jpg":                     ".png or .npz",
		"-model m -trajectory x":                  "end in .png",
		"-model m -out a.png -trajectory ./a.png": "name another",
		"-model m more":                           "no flag",
	})
	help := clitest.Help(t, run)
	for _, s := range solvers.All {
		if !strings.Contains(help, s.Name) {
			t.Errorf("-h does not name %s", s.Name)
		}
	}
	if strings.Contains(help, "(default wt)") { // it is as the model was trained
		t.Error("-h names a default of -method")
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

// Every solver draws images, with a strip of their way, and they are no two solvers' the same.
func TestEverySolver(t *testing.T) {
	m, dir := model(t), t.TempDir()
	seen := map[float32]string{}
	for _, s := range solvers.All {
		out := filepath.Join(dir, s.Name)
		args := []string{"-model", m, "-steps", "5", "-n", "2", "-solver", s.Name, "-out", out + ".npz", "-trajectory", out + ".png"}
		if err := run(context.Background(), args); err != nil {
			t.Fatalf("%s: %v", s.Name, err)
		}
		if info, err := os.Stat(out + ".png"); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", s.Name, err)
		}
		a, err := npy.ReadArchive(out + ".npz")
		if err != nil {
			t.Fatal(err)
		}
		first := a["images"].Data()[0]
		if other, ok := seen[first]; ok {
			t.Errorf("%s and %s draw one image", s.Name, other)
		}
		seen[first] = s.Name
	}
}

// Images that were drawn of no class have no labels.
func TestNoClassNoLabels(t *testing.T) {
	c := config()
	c.DropClass = 0.5
	out := filepath.Join(t.TempDir(), "a.npz")
	if err := run(t.Context(), []string{"-model", clitest.Model(t, c, flat{}), "-n", "2", "-steps", "2", "-guidance", "-1", "-out", out}); err != nil {
		t.Fatal(err)
	}
	a, err := npy.ReadArchive(out)
	if err != nil || a["labels"] != nil || a["images"] == nil {
		t.Errorf("labels %v of no class; %v", a["labels"], err)
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
	do(fmt.Sprintf("-n 1 -first 2 -out %s/single -class 1 -solver em -lambda 0.5", dir))
	do(fmt.Sprintf("-n 5 -batch 2 -out %s/a.npz", dir))
	do(fmt.Sprintf("-n 2 -first 3 -out %s/b.npz", dir))
	for _, name := range []string{"grid.png", "way.png", "single/000000.png", "single/000001.png", "single/000002.png", "single/samples.json"} {
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

// A folder that has the name of a file is an error before the work.
func TestFolderInTheWay(t *testing.T) {
	m, dir := model(t), t.TempDir()
	ctx, stop := context.WithCancel(t.Context())
	stop() // the work would say so
	folder := filepath.Join(dir, "a.png")
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	for flag, other := range map[string][]string{"-out": nil, "-trajectory": {"-out", filepath.Join(dir, "b.npz")}} {
		said := clitest.Captured(t, func() {
			err := run(ctx, slices.Concat([]string{"-model", m, "-n", "1", "-steps", "2", flag, folder}, other))
			if err == nil || !strings.Contains(err.Error(), flag+" "+folder) || !strings.Contains(err.Error(), "no file") {
				t.Errorf("%s: %v; want an error with the flag and the path", flag, err)
			}
		})
		if said != "" {
			t.Errorf("%s: it began: %s", flag, said)
		}
	}
}

// Parts are the images of one run: in the folder of all under the names that they have there, in archives of their own.
func TestParts(t *testing.T) {
	m, dir := model(t), t.TempDir()
	do := func(args string) {
		t.Helper()
		if err := run(context.Background(), append([]string{"-model", m, "-steps", "3", "-n", "5"}, strings.Fields(args)...)); err != nil {
			t.Fatal(err)
		}
	}
	do("-out " + dir + "/whole")
	do("-out " + dir + "/parts -shard 1/2")
	t.Setenv("JOB_COMPLETION_INDEX", "0")
	do("-out " + dir + "/parts -shards 2")
	for i := range 5 {
		name := fmt.Sprintf("%06d.png", i)
		a, err1 := os.ReadFile(filepath.Join(dir, "whole", name))
		b, err2 := os.ReadFile(filepath.Join(dir, "parts", name))
		if err1 != nil || err2 != nil || string(a) != string(b) {
			t.Errorf("%s of the parts is not that of the whole: %v, %v", name, err1, err2)
		}
	}
	do("-out " + dir + "/a.npz -shards 2")
	a, err := npy.ReadArchive(dir + "/a.0-of-2.npz")
	if err != nil || a["images"].Shape()[0] != 2 {
		t.Errorf("the first part's archive: %v", err)
	}
	if err := run(context.Background(), []string{"-model", m, "-n", "2", "-shard", "2/3", "-out", dir + "/x.png"}); err != nil {
		t.Error(err)
	}
	clitest.BadFlags(t, run, map[string]string{"-model m -n 2 -shard 0/3": "no more parts", "-model m -shard 3/3": "from 0"})
}

// A folder takes images of one kind, each once: others are errors that say what to do, and leave it as it is.
func TestFolder(t *testing.T) {
	m, dir := model(t), t.TempDir()
	out := filepath.Join(dir, "images")
	draw := func(args ...string) error {
		return run(context.Background(), append([]string{"-model", m, "-steps", "2", "-out", out}, args...))
	}
	if err := draw("-n", "2"); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(filepath.Join(out, "000001.png"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ args, want string }{
		{"-n 2", "go on with -first 2"},
		{"-n 2 -first 1", "go on with -first 2"},
		{"-n 2 -first 2 -seed 2", "drawn otherwise"},
		{"-n 2 -first 2 -solver em", "drawn otherwise"},
	} {
		if err := draw(strings.Fields(c.args)...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want %q", c.args, err, c.want)
		}
	}
	if after, err := os.ReadFile(filepath.Join(out, "000001.png")); err != nil || !bytes.Equal(before, after) {
		t.Errorf("image 1 has changed (%v)", err)
	}
	os.WriteFile(filepath.Join(dir, "letter.txt"), []byte("dear"), 0o644)
	out = dir
	if err := draw("-n", "1"); err == nil || !strings.Contains(err.Error(), "other files") {
		t.Errorf("a folder of other things: %v", err)
	}
}

// A file of somebody's own that has the record's name is left as it is, although no image is beside it.
func TestOwnRecord(t *testing.T) {
	m := model(t)
	for _, own := range []string{`{"my":"data"}`, "[1, 2]", ""} {
		out := t.TempDir()
		path := filepath.Join(out, recordFile)
		os.WriteFile(path, []byte(own), 0o644)
		err := run(t.Context(), []string{"-model", m, "-steps", "2", "-n", "1", "-out", out})
		if err == nil || !strings.Contains(err.Error(), "name another folder") {
			t.Errorf("%q: %v", own, err)
		}
		if now, err := os.ReadFile(path); err != nil || string(now) != own {
			t.Errorf("%q is %q now (%v)", own, now, err)
		}
	}
}

// A folder without an image, of a call that was stopped before the first, or of one that left its record and no more, takes images
// of any settings; and then of these alone.
func TestFolderWithoutImages(t *testing.T) {
	m, out := model(t), filepath.Join(t.TempDir(), "images")
	draw := func(ctx context.Context, args ...string) error {
		return run(ctx, append([]string{"-model", m, "-steps", "2", "-n", "1", "-out", out}, args...))
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if err := draw(stopped); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if err := draw(t.Context(), "-seed", "2"); err != nil {
		t.Fatalf("after a call that was stopped: %v", err)
	}
	if err := os.Remove(filepath.Join(out, "000000.png")); err != nil {
		t.Fatal(err)
	}
	if err := draw(t.Context(), "-seed", "3"); err != nil {
		t.Fatalf("after a record alone: %v", err)
	}
	if err := draw(t.Context(), "-seed", "2", "-first", "1"); err == nil || !strings.Contains(err.Error(), "drawn otherwise") {
		t.Errorf("the record is not of what is there: %v", err)
	}
}

// What was drawn before an interruption is kept, and the error says how to go on: not into a file, which would be made anew.
func TestInterrupted(t *testing.T) {
	m, dir := model(t), t.TempDir()
	for _, name := range []string{"images", "a.npz", "a.png"} {
		o, err := interrupted(t, "-model", m, "-n", "6", "-out", filepath.Join(dir, name))
		if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "4 of the 6 images") || !strings.Contains(err.Error(), "-first 4") {
			t.Errorf("%s: %v", name, err)
		}
		if another := strings.Contains(fmt.Sprint(err), "into another -out"); another != (filepath.Ext(name) != "") {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := os.Stat(o.out); err != nil {
			t.Error(err)
		}
	}
	o, err := parse([]string{"-model", m, "-n", "12", "-shard", "1/2", "-out", filepath.Join(dir, "images")})
	if err != nil {
		t.Fatal(err)
	}
	if got := o.rest(4); got != "run this part again" { // -first counts from the beginning of all
		t.Errorf("of a part: %s", got)
	}
	if images, _ := filepath.Glob(filepath.Join(dir, "images", "*.png")); len(images) != 4 {
		t.Errorf("%v are there", images)
	}
	if a, err := npy.ReadArchive(filepath.Join(dir, "a.npz")); err != nil || a["images"].Shape()[0] != 4 {
		t.Errorf("the archive: %v", err)
	}
}

// interrupted draws two at a time, and is stopped after four images.
func interrupted(t *testing.T, args ...string) (*options, error) {
	t.Helper()
	o, err := parse(append(args, "-steps", "2", "-batch", "2"))
	if err != nil {
		t.Fatal(err)
	}
	g, err := o.load()
	if err != nil {
		t.Fatal(err)
	}
	if err := place(o.out); err != nil {
		t.Fatal(err)
	}
	images, err := o.newSink(g, record{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	return o, o.draw(ctx, g, nil, &stopping{images, 3, stop})
}

// A part that is stopped leaves no file, which would look like a whole one; nor does one of fewer images take the place of a file.
func TestInterruptedFile(t *testing.T) {
	m, dir := model(t), t.TempDir()
	there := filepath.Join(dir, "there.npz")
	if err := os.WriteFile(there, []byte("precious"), 0o644); err != nil {
		t.Fatal(err)
	}
	for out, part := range map[string]string{"a.npz": "1/2", "a.png": "1/2", "there.npz": "0/1"} {
		o, err := interrupted(t, "-model", m, "-n", "12", "-shard", part, "-out", filepath.Join(dir, out))
		if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "nothing is written to "+o.out) {
			t.Errorf("%s: %v", out, err)
		}
	}
	left, err := os.ReadDir(dir)
	if text, _ := os.ReadFile(there); err != nil || len(left) != 1 || string(text) != "precious" {
		t.Errorf("there are %v, %v; the file that was there has %.20q", left, err, text)
	}
}

// A setting with which nothing can be drawn is said, and no more.
func TestWrongSettingOfAFile(t *testing.T) {
	m, out := model(t), filepath.Join(t.TempDir(), "there.npz")
	if err := os.WriteFile(out, []byte("precious"), 0o644); err != nil {
		t.Fatal(err)
	}
	err := run(t.Context(), []string{"-model", m, "-n", "1", "-guidance", "1", "-out", out})
	if text, _ := os.ReadFile(out); err == nil || strings.Contains(err.Error(), "again") || string(text) != "precious" {
		t.Errorf("%v; the file has %.20q", err, text)
	}
}

// Images go into a folder that is there, whatever it is called.
func TestFolderThatIsThere(t *testing.T) {
	m, dir := model(t), t.TempDir()
	here, there := filepath.Join(dir, "here"), filepath.Join(dir, "images.v2")
	if err := errors.Join(os.Mkdir(here, 0o755), os.Mkdir(there, 0o755)); err != nil {
		t.Fatal(err)
	}
	t.Chdir(here)
	for _, out := range []string{".", there} {
		err := run(t.Context(), []string{"-model", m, "-steps", "2", "-n", "1", "-out", out})
		if _, e := os.Stat(filepath.Join(out, "000000.png")); err != nil || e != nil {
			t.Errorf("%s: %v, %v", out, err, e)
		}
	}
}

// A stopping sink interrupts after some images.
type stopping struct {
	sink
	left int
	stop func()
}

func (s *stopping) put(d spdiff.Drawn) error {
	if s.left--; s.left == 0 {
		s.stop()
	}
	return s.sink.put(d)
}

// As bytes an archive has what ADM's evaluator reads, rounded as the pictures are, and the classes.
func TestBytes(t *testing.T) {
	m, dir := model(t), t.TempDir()
	for _, args := range []string{"-out " + dir + "/a.npz", "-uint8 -out " + dir + "/b.npz"} {
		if err := run(context.Background(), append([]string{"-model", m, "-steps", "2", "-n", "3"}, strings.Fields(args)...)); err != nil {
			t.Fatal(err)
		}
	}
	a, err := npy.ReadArchive(dir + "/a.npz")
	if err != nil {
		t.Fatal(err)
	}
	f, err := npy.Open(dir + "/b.npz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b, err := npy.ReadExact[uint8](f.Array("arr_0"))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(b.Data, bytesOf(a["images"].Data())) || !slices.Equal(b.Shape, a["images"].Shape()) {
		t.Error("the bytes are not those of the numbers")
	}
	if k, err := npy.ReadExact[int64](f.Array("arr_1")); err != nil || !slices.Equal(k.Data, []int64{0, 1, 0}) {
		t.Errorf("classes %v (%v)", k.Data, err)
	}
}

// A model that was trained with tied kernels is no ordinary network.
func TestMethod(t *testing.T) {
	err := run(t.Context(), []string{"-model", model(t), "-method", "oc", "-out", t.TempDir() + "/a.png"})
	if err == nil || !strings.Contains(err.Error(), "-method oc") {
		t.Errorf("tied kernels as oc: %v", err)
	}
}

// Of an ordinary network -method oc draws the images of its average over the group, which are others than its own.
func TestAveraged(t *testing.T) {
	c := config()
	c.Method, c.Steps, c.Rate.Rate = spdiff.Plain, 3, 1e-2
	path, out := clitest.Model(t, c, flat{}), filepath.Join(t.TempDir(), "a.npz")
	if err := run(t.Context(), []string{"-model", path, "-method", "oc", "-n", "2", "-steps", "2", "-out", out}); err != nil {
		t.Fatal(err)
	}
	plain, err1 := spdiff.Load(path)
	a, err2 := npy.ReadArchive(out)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	averaged, err := plain.As(spdiff.OC)
	if err != nil {
		t.Fatal(err)
	}
	how := spdiff.Sampling{N: 2, Reversal: spdiff.Reversal{Seed: 1, Steps: 2, Solver: solvers.Usually()}}
	want, err1 := averaged.Sample(t.Context(), how)
	own, err2 := plain.Sample(t.Context(), how)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	if got := a["images"].Data(); !slices.Equal(got, want.Data()) || slices.Equal(got, own.Data()) {
		t.Error("the images are not those of the average")
	}
}

// The way of each of the first images ends, in the last column, with the image; its first state is another.
func TestTrajectory(t *testing.T) {
	out := filepath.Join(t.TempDir(), "a.npz")
	o, err := parse([]string{"-model", model(t), "-steps", "5", "-n", "5", "-batch", "3", "-out", out, "-trajectory", out + ".png"})
	if err != nil {
		t.Fatal(err)
	}
	g, err := o.load()
	if err != nil {
		t.Fatal(err)
	}
	images, err := o.newSink(g, record{})
	if err != nil {
		t.Fatal(err)
	}
	way := newStrip(o, g)
	if err := o.draw(t.Context(), g, way, images); err != nil {
		t.Fatal(err)
	}
	a, err := npy.ReadArchive(out)
	if err != nil {
		t.Fatal(err)
	}
	if way.rows != 3 || len(way.images) != 3*5*64 {
		t.Fatalf("%d rows, %d numbers; want 3 and five states of 64 numbers each", way.rows, len(way.images))
	}
	for row := range 3 {
		states, want := way.images[row*5*64:][:5*64], a["images"].At(row).Data()
		last := slices.Clone(states[4*64:])
		for i, v := range last {
			last[i] = min(max(v, -1), 1) // as an image is
		}
		if !slices.Equal(last, want) || slices.Equal(states[:64], states[4*64:]) {
			t.Errorf("the way of image %d does not lead to it", row)
		}
	}
}
