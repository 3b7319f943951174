package dataset

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"spdiff"
	"spdiff/cmd/internal/cli"
	"spdiff/tensor"
)

// Check finds every broken file, of crops too, and what it advises works.
func TestCheck(t *testing.T) {
	p := grey(9, 9, 7)
	cut := p[:len(p)-20]
	dir := write(t, map[string]string{"a/1.png": p, "a/2.png": cut, "b/3.png": p, "b/4 &.png": cut})
	for _, arg := range []string{dir, "crops:" + dir + "?size=4"} {
		s, err := Open(t.Context(), arg)
		if err != nil {
			t.Fatal(err)
		}
		var told []int
		wrong, err := Check(t.Context(), s, func(done, of int) { told = append(told, done, of) })
		if err != nil || len(wrong) != 2 || !slices.Equal(told, []int{1, 4, 2, 4, 3, 4, 4, 4}) || Pieces(s) != 4 {
			t.Fatalf("%s: %v, %v, progress %v of %d pieces", arg, wrong, err, told, Pieces(s))
		}
		var names []string
		for _, e := range wrong {
			var f *FileError
			if !errors.As(e, &f) {
				t.Fatal(e)
			}
			names = append(names, f.Name)
		}
		text := Summary(arg, wrong).Error()
		advice := text[strings.Index(text, "-data '")+len("-data '"):]
		advice, _, _ = strings.Cut(advice, "'")
		if advice != Without(arg, names...) || !strings.Contains(wrong[0].Error(), `"a/2.png": PNG: `) {
			t.Errorf("%s: %s, %v", arg, text, wrong)
		}
		rest, err := Open(t.Context(), advice)
		if err != nil {
			t.Fatal(err)
		}
		if wrong, err := Check(t.Context(), rest, nil); err != nil || wrong != nil || Summary(advice, wrong) != nil {
			t.Errorf("%s: %v, %v", advice, wrong, err)
		}
	}
	// A file without a header is told when it is opened, and so is how to go on.
	_, err := Open(t.Context(), write(t, map[string]string{"a.png": p, "b.png": "x"}))
	if err == nil || !strings.Contains(err.Error(), "without=b.png' leaves it out") {
		t.Error(err)
	}
	dir = write(t, map[string]string{"a.png": p, "b.png": "x", "c.png": "y"})
	_, err = Open(t.Context(), dir)
	if want := "without=b.png&without=c.png' leaves them out"; err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), `2 files in all cannot be read: "b.png", "c.png"`) {
		t.Errorf("%v; want %q", err, want)
	}
	if s, err := Open(t.Context(), Without(dir, "b.png", "c.png")); err != nil || s.Len() != 1 {
		t.Error(err)
	}
	many := map[string]string{"a.png": p}
	for i := range mostLeftOut + 1 {
		many[fmt.Sprint(i, ".png")] = "x"
	}
	if _, err = Open(t.Context(), write(t, many)); err == nil || !strings.Contains(err.Error(), "11 files in all cannot be read") || strings.Contains(err.Error(), "without") {
		t.Error(err)
	}
}

// Other sets are checked image by image: their numbers are from −1 to 1.
func TestCheckNumbers(t *testing.T) {
	x := tensor.New(40, 1, 1, 1)
	x.Data()[0], x.Data()[30] = -1, 1.5
	path := filepath.Join(write(t, map[string]string{"x.npy": numpy(t, x)}), "x.npy")
	s, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	wrong, err := Check(t.Context(), s, nil)
	if err != nil || len(wrong) != 1 || !strings.Contains(wrong[0].Error(), "number 0 of image 30 is 1.5") || Pieces(s) != 40 {
		t.Errorf("%v, %v of %d pieces", wrong, err, Pieces(s))
	}
	if wrong, _ = Check(t.Context(), spdiff.Images(x, nil), nil); len(wrong) != 1 || !strings.Contains(wrong[0].Error(), "number 0 of image 30 is 1.5, not from -1 to 1") {
		t.Error(wrong)
	}
	ctx, stop := context.WithCancel(t.Context())
	if _, err := Check(ctx, s, func(int, int) { stop() }); err != context.Canceled {
		t.Errorf("a check that is stopped: %v", err)
	}
}

// A context that is done ends reading, and its cause is the error.
func TestOpenContext(t *testing.T) {
	dir := write(t, map[string]string{"a.png": grey(9, 9, 7)})
	why := &cli.Interrupt{Signal: os.Interrupt}
	for _, arg := range []string{dir, "crops:" + dir + "?size=4"} {
		ctx, stop := context.WithCancelCause(t.Context())
		s, err := Open(ctx, arg)
		if err != nil {
			t.Fatal(err)
		}
		stop(why)
		h, w, c := s.Shape()
		if _, err := s.Image(make([]float32, h*w*c), 0); err != why || !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", arg, err)
		}
		if _, err := Open(ctx, arg); !errors.Is(err, why) {
			t.Errorf("%s: %v", arg, err)
		}
	}
	ctx, stop := context.WithCancelCause(t.Context())
	stop(why)
	archive := filepath.Join(write(t, map[string]string{"a.zip": zipped(t, map[string]string{"a.png": grey(9, 9, 7)})}), "a.zip")
	if kind, err := kindOfZip(ctx, archive); err != why {
		t.Errorf("an archive is still looked at: %q, %v", kind, err)
	}
}

// The argument that leaves files out is whole in what a person sees, however long their paths, and opens; of a name that is cut the end is
// there.
func TestLongRemedy(t *testing.T) {
	long := strings.Repeat("é", 60) + "/" + strings.Repeat("x", 76)
	dir := write(t, map[string]string{"a.png": grey(9, 9, 7), long + "1.png": "x", long + "2.png": "y"})
	_, err := Open(t.Context(), dir)
	if err == nil {
		t.Fatal("broken files open")
	}
	args := advised(err.Error())
	if len(args) != 1 {
		t.Fatalf("%v: it advises %q", err, args)
	}
	if s, err := Open(t.Context(), args[0]); err != nil || s.Len() != 1 {
		t.Errorf("%s: %v", args[0], err)
	}
	for _, end := range []string{`x1.png"`, `x2.png"`, `"…x`} {
		if !strings.Contains(err.Error(), end) {
			t.Errorf("%v: it has no %s", err, end)
		}
	}
}

// Errors name the flag that the argument is of.
func TestFlagOfErrors(t *testing.T) {
	dir := write(t, map[string]string{"a.png": grey(9, 9, 7), "b.png": "x", "c/readme": "x"})
	for _, arg := range []string{dir, filepath.Join(dir, "none"), filepath.Join(dir, "c"), dir + "?nothing=1", "mnist:"} {
		if _, err := OpenFlag(t.Context(), "-reference", arg); err == nil || !strings.HasPrefix(err.Error(), "-reference") || strings.Contains(err.Error(), "-data") {
			t.Errorf("%s: %v", arg, err)
		}
	}
}

// What is wrong with a folder, or a link that leads out, is not left out by ?without=, whatever its name.
func TestFoldersAreNotLeftOut(t *testing.T) {
	dir := write(t, map[string]string{"a.png": grey(9, 9, 7), "s/IM1": "x"})
	if err := os.Symlink("nowhere", filepath.Join(dir, "IM2")); err != nil {
		t.Skipf("SKIPPED: links within a folder: %v", err)
	}
	for name, want := range map[string]bool{"a.png": true, "s/IM1": true, "s": false, "IM2": false, "dataset.json": false} {
		if text := remedy("-data", dir, &FileError{Name: name, Err: os.ErrInvalid}); (text != "") != want {
			t.Errorf("%s: %q", name, text)
		}
	}
}

// What a model cannot learn is said before it begins, with the number that fits.
func TestCheckClasses(t *testing.T) {
	p := grey(2, 2, 0)
	sorted := map[string]string{"0/a.png": p, "0/b.png": p, "1/c.png": p}
	ones := map[string]string{"1/a.png": p, "2/b.png": p}
	none := map[string]string{"a.png": p}
	for _, c := range []struct {
		files      map[string]string
		classes, n int
		note, err  string
	}{
		{sorted, 2, 0, "", ""},
		{sorted, 0, 0, "if these are kinds of images, with -classes 2 its samples", ""},
		{map[string]string{"0/a.png": p}, 0, 0, "", ""},
		{sorted, 1, 0, "", "labels go up to 1; -classes 2 fits"},
		{sorted, 2, 2, "the first 2 images, as -limit says, are of 1 of the 2 classes", ""},
		{sorted, 5, 0, "of the 5 classes 3 have no image", ""},
		{ones, 3, 0, "labels begin at 1", ""},
		{ones, 2, 0, "", "-classes 3 fits"},
		{none, 0, 0, "", ""},
		{none, 2, 0, "", "the images have no labels; leave -classes out"},
	} {
		s, err := Open(t.Context(), write(t, c.files))
		if err != nil {
			t.Fatal(err)
		}
		notes, err := CheckClasses(s, c.classes, c.n)
		if text := strings.Join(notes, "\n"); (text == "") != (c.note == "") || !strings.Contains(text, c.note) {
			t.Errorf("%d classes of %d: notes %q, want %q", c.classes, c.n, notes, c.note)
		}
		if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%d classes: %v, want %q", c.classes, err, c.err)
		}
	}
	s, err := Open(t.Context(), "digits")
	if err != nil {
		t.Fatal(err)
	}
	if n := perClass(s, 1000); len(n) != 10 || slices.Min(n) < 50 {
		t.Errorf("digits are %v", n)
	}
	if names := ClassNames(s); names != nil {
		t.Error(names)
	}
	if s, err = Open(t.Context(), write(t, map[string]string{"dog/a.png": p, "cat/b.png": p})); err != nil || !slices.Equal(ClassNames(s), []string{"cat", "dog"}) || len(Notes(s)) != 1 {
		t.Errorf("%v, %q, %q", err, ClassNames(s), Notes(s))
	}
}

// What is written into the folder of the images may become one.
func TestInside(t *testing.T) {
	dir := write(t, map[string]string{"data/a.png": grey(2, 2, 0), "x.npy": numpy(t, tensor.From([]float32{-1, 1}, 2, 1, 1))})
	t.Chdir(filepath.Join(dir, "data"))
	for _, arg := range []string{".", filepath.Join(dir, "data"), "crops:../data?size=2"} {
		s, err := Open(t.Context(), arg)
		if err != nil {
			t.Fatal(err)
		}
		for path, want := range map[string]bool{"runs/a": true, ".": true, "..": false, "../runs": false, filepath.Join(dir, "data", "x"): true, dir + "/data2": false} {
			if got := Inside(s, path); got != want {
				t.Errorf("%s in %s: %v", path, arg, got)
			}
		}
	}
	for _, arg := range []string{"../x.npy", "digits"} {
		if s, err := Open(t.Context(), arg); err != nil || Inside(s, ".") {
			t.Errorf("%s: %v", arg, err)
		}
	}
}
