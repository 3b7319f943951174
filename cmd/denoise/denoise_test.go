package main

import (
	"context"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"spdiff"
	"spdiff/cmd/internal/cli"
	"spdiff/cmd/internal/cli/clitest"
	"spdiff/cmd/internal/solvers"
	"spdiff/group"
)

// model trains for some steps and returns its file.
func model(t *testing.T, g group.Group, m spdiff.Method, channels, classes int) string {
	t.Helper()
	return clitest.Model(t, clitest.Tiny(g, m, channels, classes), clitest.Noise{Channels: channels})
}

// conditioned is a model that is conditioned on its last prediction.
func conditioned(t *testing.T, m spdiff.Method) string {
	t.Helper()
	c := clitest.Tiny(group.C4, m, 1, 0)
	c.Condition = true
	return clitest.Model(t, c, clitest.Noise{Channels: 1})
}

// file writes a picture without symmetry, in the format of the name; a grey one if that begins so.
func file(t *testing.T, name string, h, w int) string {
	t.Helper()
	pic := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			pic.SetRGBA(x, y, color.RGBA{uint8(20*x + y*y), uint8(200 - 9*x), uint8(11 * x * y), 255})
		}
	}
	var drawn image.Image = pic
	if strings.HasPrefix(name, "grey") {
		grey := image.NewGray(pic.Bounds())
		draw.Draw(grey, pic.Bounds(), pic, image.Point{}, draw.Src)
		drawn = grey
	}
	path := filepath.Join(t.TempDir(), name)
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if filepath.Ext(name) == ".png" {
		err = png.Encode(f, drawn)
	} else {
		err = jpeg.Encode(f, drawn, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func do(args ...string) error { return run(context.Background(), args) }

// decode reads a picture and its format.
func decode(t *testing.T, path string) (image.Image, string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	pic, format, err := image.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return pic, format
}

func TestBadFlags(t *testing.T) {
	clitest.BadFlags(t, run, map[string]string{
		"":                              "-model is missing",
		"-model m":                      "-in is missing",
		"-model m -in a.png -steps 0":   "at least 1",
		"-model m -in a.png -degrade 0": "at least 1",
		"-model m -in a.png -solver x":  "ddim, dpm, em, sra1",
		"-model m -in a.png -values used -clean b.png -report c.html": "name them",
		"-model m -in a.png -out b.npz":                               ".png",
		"-model m -in a.png -out a.png":                               "the image itself",
		"-model m -in a.png -start -1":                                "-start is -1",
		"-model m -in a.png -class -2":                                "numbered from 0",
		"-model m -in a.png -threads -1":                              "from 0",
		"-model m -in a.png other.png":                                "no flag",
		"-model m -in a.png -check=maybe":                             "maybe",
		"-model m -in a.png -start banana":                            "banana",
	})
	help := clitest.Help(t, run)
	for _, s := range solvers.Both() {
		if !strings.Contains(help, s.Name) {
			t.Errorf("-h does not name %s", s.Name)
		}
	}
}

// The image is written in its format, beside it or where -out says, in its size and colours.
func TestOutputs(t *testing.T) {
	grey, colour := model(t, group.C4, spdiff.WT, 1, 0), model(t, group.D4, spdiff.WT, 3, 0)
	for _, c := range []struct {
		model, name  string
		h, w         int
		out, written string
		format       string
	}{
		{grey, "a.png", 8, 8, "", "a-denoised.png", "png"},
		{grey, "a.jpg", 9, 13, "", "a-denoised.jpg", "jpeg"},
		{colour, "a.jpeg", 8, 8, "", "a-denoised.jpeg", "jpeg"},
		{colour, "a.png", 12, 12, "b.jpg", "b.jpg", "jpeg"},
	} {
		in := file(t, c.name, c.h, c.w)
		args := []string{"-model", c.model, "-in", in, "-steps", "2"}
		if c.out != "" {
			args = append(args, "-out", filepath.Join(filepath.Dir(in), c.out))
		}
		if err := do(args...); err != nil {
			t.Fatal(err)
		}
		pic, format := decode(t, filepath.Join(filepath.Dir(in), c.written))
		if b := pic.Bounds(); b.Dy() != c.h || b.Dx() != c.w || format != c.format {
			t.Errorf("%s: %v in %s", c.written, b, format)
		}
	}
}

// The same seed gives the same file; other settings give others.
func TestSettingsMatter(t *testing.T) {
	m, in := model(t, group.C4, spdiff.WT, 1, 2), file(t, "a.png", 8, 8)
	seen := map[string]string{}
	for _, args := range []string{"-class 0", "-class 0 -seed 2", "-class 0 -start 0.2", "-class 0 -deterministic", "-class 0 -solver em",
		"-class 0 -degrade 4", "-class 0 -steps 3"} {
		out := filepath.Join(filepath.Dir(in), "b.png")
		var texts []string
		for range 2 {
			if err := do(append([]string{"-model", m, "-in", in, "-out", out, "-steps", "2"}, strings.Fields(args)...)...); err != nil {
				t.Fatal(err)
			}
			text, err := os.ReadFile(out)
			if err != nil {
				t.Fatal(err)
			}
			texts = append(texts, string(text))
		}
		if texts[0] != texts[1] {
			t.Errorf("%s: two runs differ", args)
		}
		if other, ok := seen[texts[0]]; ok {
			t.Errorf("%q and %q give the same image", args, other)
		}
		seen[texts[0]] = args
	}
}

// A class is said by its name or its number; with no class at all, at -guidance -1, none need be said.
func TestClasses(t *testing.T) {
	c := clitest.Tiny(group.C4, spdiff.WT, 1, 2)
	c.ClassNames, c.DropClass = []string{"cat", "dog"}, 0.5
	m, in := clitest.Model(t, c, clitest.Noise{Channels: 1}), file(t, "a.png", 8, 8)
	made := map[string]string{}
	for _, args := range []string{"-class cat", "-class dog", "-class 1", "-guidance -1", "-guidance -1 -class dog"} {
		out := filepath.Join(filepath.Dir(in), "b.png")
		if err := do(append([]string{"-model", m, "-in", in, "-out", out, "-steps", "2"}, strings.Fields(args)...)...); err != nil {
			t.Fatalf("%s: %v", args, err)
		}
		text, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		made[args] = string(text)
	}
	if made["-class dog"] != made["-class 1"] || made["-class dog"] == made["-class cat"] || made["-guidance -1"] != made["-guidance -1 -class dog"] {
		t.Error("classes are mistaken")
	}
	if err := do("-model", m, "-in", in, "-class", "cow", "-steps", "2"); err == nil || !strings.Contains(err.Error(), `"cat" "dog"`) {
		t.Error(err)
	}
}

// -check says equal bits for tied kernels, a line an element, and how far a plain network is off; and draws what it says.
func TestCheck(t *testing.T) {
	for _, c := range []struct {
		method spdiff.Method
		want   string
	}{{spdiff.WT, "equal bits in all 8 orientations"}, {spdiff.Plain, "does not treat all orientations alike"}} {
		m, in := model(t, group.D4, c.method, 1, 0), file(t, "grey.png", 11, 11)
		text := clitest.Captured(t, func() {
			if err := do("-model", m, "-in", in, "-steps", "3", "-degrade", "4", "-check"); err != nil {
				t.Error(err)
			}
		})
		if !strings.Contains(text, c.want) {
			t.Errorf("%v: %s", c.method, text)
		}
		for _, name := range []string{"e ", "r ", "r2 ", "r3 ", "s ", "sr ", "sr2 ", "sr3 "} {
			if !strings.Contains(text, "\n         "+name) {
				t.Errorf("%v: no line for %s", c.method, name)
			}
		}
		pic, _ := decode(t, filepath.Join(filepath.Dir(in), "grey-denoised-check.png"))
		if bright := brightest(pic, group.D4, 11); (bright > 0) != (c.method == spdiff.Plain) {
			t.Errorf("%v: the brightest difference on the sheet is %d", c.method, bright)
		}
	}
}

// Of an image that is the same in other orientations -check says that the difference is not the model's.
func TestCheckOfSymmetric(t *testing.T) {
	m := model(t, group.D4, spdiff.WT, 1, 0)
	in := saved(t, "grey.png", func(w io.Writer) error { return png.Encode(w, image.NewGray(image.Rect(0, 0, 9, 9))) })
	text := clitest.Captured(t, func() {
		if err := do("-model", m, "-in", in, "-steps", "3", "-check"); err != nil {
			t.Error(err)
		}
	})
	if !strings.Contains(text, "the image has a symmetry of its own, with which") || strings.Contains(text, "alike") {
		t.Error(text)
	}
}

// brightest returns the largest grey value in the row of differences.
func brightest(pic image.Image, g group.Group, n int) (v uint8) {
	s := newSheet(g, n, n, 1)
	cw, ch := s.cell()
	for a := range g.Order() {
		for y := range ch {
			for x := range cw {
				v = max(v, color.GrayModel.Convert(pic.At(side+a*(cw+margin)+x, head+2*(ch+margin)+y)).(color.Gray).Y)
			}
		}
	}
	return v
}

// On a sheet no image is large, however long and narrow it is.
func TestSheetOfNarrowImages(t *testing.T) {
	for _, s := range [][2]int{{1000, 1}, {1, 1000}, {119, 1}, {1, 1}} {
		if w, h := newSheet(group.D2, s[0], s[1], 1).cell(); min(w, h) < 1 || max(w, h) < column || max(w, h) > 2*column {
			t.Errorf("%d×%d pixels are %d×%d on the sheet", s[0], s[1], h, w)
		}
	}
}

// A network that is conditioned on its last prediction has more inputs than an image has channels; and every method that
// guarantees it has equal bits.
func TestCheckOfMethods(t *testing.T) {
	in := file(t, "a.png", 9, 9)
	for _, method := range []spdiff.Method{spdiff.OC, spdiff.GC, spdiff.CF} {
		path := conditioned(t, method)
		text := clitest.Captured(t, func() {
			if err := do("-model", path, "-in", in, "-steps", "2", "-check"); err != nil {
				t.Error(err)
			}
		})
		if !strings.Contains(text, "equal bits in all 4 orientations") {
			t.Errorf("%v: %s", method, text)
		}
	}
}

// A small image in colours is denoised by a model of grey ones the same in every orientation, with a start of its own.
func TestCheckOfSmallImages(t *testing.T) {
	m, in := model(t, group.D4, spdiff.WT, 1, 0), file(t, "a.png", 5, 5)
	text := clitest.Captured(t, func() {
		if err := do("-model", m, "-in", in, "-steps", "2", "-start", "auto", "-check"); err != nil {
			t.Error(err)
		}
	})
	for _, want := range []string{"smaller than the network's 8 rows × 8 columns", "each is denoised as a grey image", "equal bits in all 8 orientations"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in %s", want, text)
		}
	}
}

// On an oblong image the part of the group that acts is checked, and said.
func TestCheckOfOblongImages(t *testing.T) {
	m, in := model(t, group.C4, spdiff.WT, 1, 0), file(t, "a.png", 8, 13)
	text := clitest.Captured(t, func() {
		if err := do("-model", m, "-in", in, "-steps", "2", "-check"); err != nil {
			t.Error(err)
		}
	})
	if !strings.Contains(text, "C2 is what acts on 8 rows × 13 columns") || !strings.Contains(text, "equal bits in all 2 orientations") {
		t.Error(text)
	}
}

// An image with a symmetry of its own is denoised, and it is said that noise cannot turn with it.
func TestTies(t *testing.T) {
	m := model(t, group.C4, spdiff.WT, 1, 0)
	in := filepath.Join(t.TempDir(), "flat.png")
	f, err := os.Create(in)
	if err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(f, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	f.Close()
	text := clitest.Captured(t, func() {
		if err := do("-model", m, "-in", in, "-steps", "2"); err != nil {
			t.Error(err)
		}
	})
	if !strings.Contains(text, "symmetry of its own") {
		t.Error(text)
	}
}

// Errors name the file and what would fit, and leave nothing behind.
func TestErrors(t *testing.T) {
	m, classes := model(t, group.C4, spdiff.WT, 1, 0), model(t, group.C4, spdiff.WT, 1, 3)
	text := filepath.Join(t.TempDir(), "text.png")
	os.WriteFile(text, []byte("not a picture"), 0o644)
	good := file(t, "a.png", 8, 8)
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"-model", text, "-in", good}, text},
		{[]string{"-model", m, "-in", text}, "none of the pictures that are read: PNG, JPEG"},
		{[]string{"-model", m, "-in", filepath.Join(t.TempDir(), "none.png")}, "none.png"},
		{[]string{"-model", m, "-in", good, "-out", filepath.Join(t.TempDir(), "no/b.png")}, "cannot be written"},
		{[]string{"-model", m, "-in", good, "-start", "1"}, "Start is 1"},
		{[]string{"-model", m, "-in", good, "-class", "0"}, "without classes"},
		{[]string{"-model", classes, "-in", good}, "3 classes"},
	} {
		err := do(c.args...)
		var usage *cli.UsageError
		if err == nil || !strings.Contains(err.Error(), c.want) || errors.As(err, &usage) {
			t.Errorf("%v: %v; want an error with %q", c.args, err, c.want)
		}
	}
	files, err := os.ReadDir(filepath.Dir(good))
	if err != nil || len(files) != 1 {
		t.Errorf("beside the image there are %v (%v)", files, err)
	}
}
