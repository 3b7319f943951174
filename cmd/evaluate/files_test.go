package main

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"spdiff"
	"spdiff/cmd/internal/checksum"
	"spdiff/cmd/internal/cli"
	"spdiff/cmd/internal/cli/clitest"
	"spdiff/group"
)

// No file that is read is written over, through another name neither: images, statistics, parts.
func TestReadFilesStay(t *testing.T) {
	dir := t.TempDir()
	images, others, statistics := archive(t, 1, false), archive(t, 2, false), filepath.Join(dir, "s.npz")
	measured(t, "-samples", images, "-reference", others, "-statistics", statistics)
	for _, part := range []string{"0/2", "1/2"} {
		if err := run(t.Context(), []string{"-samples", images, "-reference", others, "-shard", part, "-out", filepath.Join(dir, "p.npz")}); err != nil {
			t.Fatal(err)
		}
	}
	parts := []string{filepath.Join(dir, "p.0-of-2.npz"), filepath.Join(dir, "p.1-of-2.npz")}
	link := filepath.Join(dir, "link.npz")
	if err := os.Link(others, link); err != nil {
		t.Skipf("SKIPPED: no links: %v", err)
	}
	for _, c := range []struct {
		read string
		args []string
	}{
		{images, []string{"-samples", images, "-reference", others, "-statistics", images}},
		{others, []string{"-samples", images, "-reference", others, "-statistics", others}},
		{others, []string{"-samples", images, "-reference", "npy:" + others + "?images=images", "-statistics", link}},
		{statistics, []string{"-samples", images, "-reference", statistics, "-statistics", statistics}},
		{parts[1], append([]string{"-merge", "-statistics", parts[1]}, parts...)},
		{parts[0], []string{"-samples", images, "-reference", parts[0], "-shard", "0/2", "-out", filepath.Join(dir, "p.npz")}},
	} {
		before, err := os.ReadFile(c.read)
		if err != nil {
			t.Fatal(err)
		}
		var usage *cli.UsageError
		if err := run(t.Context(), c.args); !errors.As(err, &usage) || !strings.Contains(err.Error(), "must stay") {
			t.Errorf("%v: %v", c.args, err)
		}
		if after, err := os.ReadFile(c.read); err != nil || !bytes.Equal(before, after) {
			t.Errorf("%v: what was read is another file (%v)", c.args, err)
		}
	}
}

// Parts that looked for nothing near have no picture.
func TestNoPictureOfParts(t *testing.T) {
	dir, images := t.TempDir(), archive(t, 1, false)
	for _, part := range []string{"0/2", "1/2"} {
		if err := run(t.Context(), []string{"-samples", images, "-reference", images, "-shard", part, "-out", filepath.Join(dir, "p.npz")}); err != nil {
			t.Fatal(err)
		}
	}
	err := run(t.Context(), []string{"-merge", "-picture", filepath.Join(dir, "n.png"), filepath.Join(dir, "p.0-of-2.npz"), filepath.Join(dir, "p.1-of-2.npz")})
	if err == nil || !strings.Contains(err.Error(), "without -measure nearest") {
		t.Error(err)
	}
}

// In which precision a model is drawn from is said where it is asked for, in its own and in another, and nowhere else: parts made in both
// are of two comparisons.
func TestTitleSaysThePrecision(t *testing.T) {
	c := clitest.Tiny(group.C4, spdiff.WT, 1, 2)
	c.Precision = spdiff.BF16
	base := []string{"-model", clitest.Model(t, c, noisy{1}), "-reference", archive(t, 1, false), "-n", "4", "-steps", "2"}
	title := func(flags ...string) string {
		return measured(t, append(slices.Clone(base), flags...)...)["reference"].(string)
	}
	if own := title(); strings.Contains(own, "float32") || strings.Contains(own, "bf16") {
		t.Errorf("nothing is asked for: %q", own)
	}
	for _, p := range []string{"float32", "bf16"} {
		if asked := title("-precision", p); !strings.Contains(asked, ", "+p+",") {
			t.Errorf("%s is asked for: %q", p, asked)
		}
	}
}

// The title has the hash of the model that is measured, although a training has put another in its place since.
func TestTitleIsOfTheModelLoaded(t *testing.T) {
	path, c := model(t), clitest.Tiny(group.C4, spdiff.WT, 1, 2)
	hash, err1 := checksum.Hash(path)
	o, err2 := parse([]string{"-model", path, "-reference", "r"})
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	of := spdiff.Comparison{Reference: noisy{2}}
	if err := errors.Join(o.setSamples(t.Context(), &of), os.Rename(clitest.Model(t, c, noisy{2}), path)); err != nil {
		t.Fatal(err)
	}
	if title := o.title(of, "noise"); !strings.Contains(title, "(SHA-256 "+hash[:16]+")") {
		t.Errorf("the model that was loaded is %s: %s", hash, title)
	}
}

// A pattern that no shell has put names in the place of stands for the parts; that no file has such a name is an error.
func TestMergePattern(t *testing.T) {
	dir, images := t.TempDir(), archive(t, 1, false)
	for _, part := range []string{"0/2", "1/2"} {
		if err := run(t.Context(), []string{"-samples", images, "-reference", images, "-shard", part, "-out", filepath.Join(dir, "p.npz")}); err != nil {
			t.Fatal(err)
		}
	}
	if got := measured(t, "-merge", filepath.Join(dir, "p.*-of-2.npz")); got["fd"] != 0.0 || got["n"] != 40.0 {
		t.Errorf("the parts make %v", got)
	}
	clitest.BadFlags(t, run, map[string]string{"-merge " + filepath.Join(dir, "q.*-of-2.npz"): "no file has such a name"})
}

// A picture is not put among the images that are read, where it would be one of them the next time.
func TestPictureIsApart(t *testing.T) {
	folder := t.TempDir()
	img := image.NewGray(image.Rect(0, 0, 8, 8))
	for _, name := range []string{"a.png", "b.png"} {
		var b bytes.Buffer
		if err := errors.Join(png.Encode(&b, img), os.WriteFile(filepath.Join(folder, name), b.Bytes(), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	picture := filepath.Join(folder, "a.png")
	before, err := os.ReadFile(picture)
	if err != nil {
		t.Fatal(err)
	}
	err = run(t.Context(), []string{"-samples", folder, "-reference", archive(t, 1, false), "-measure", "nearest", "-picture", picture})
	if err == nil || !strings.Contains(err.Error(), "among the images") {
		t.Error(err)
	}
	if after, err := os.ReadFile(picture); err != nil || !bytes.Equal(before, after) {
		t.Errorf("a sample is another file (%v)", err)
	}
}
