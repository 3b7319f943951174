package imagefolder

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"

	"spdiff/cmd/internal/allocs"
	"spdiff/cmd/internal/packed"
	"spdiff/cmd/internal/picture"
)

// made writes files into a new folder and returns it, opened.
func made(t *testing.T, of map[string]string) (*os.Root, string) {
	t.Helper()
	dir := t.TempDir()
	for name, content := range of {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(content), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	return root, dir
}

// Links to folders within the folder are followed; one to a folder that it is in ends there, and is said.
func TestLinks(t *testing.T) {
	root, dir := made(t, map[string]string{"all/x.png": grey(1, 1, 9), "all/y.png": grey(1, 1, 7), "a/x.png": grey(1, 1, 0)})
	for name, to := range map[string]string{"b": "all", "all/loop": "..", "a/self": "../a"} {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Skipf("SKIPPED: links within a folder: %v", err)
		}
	}
	s, _, class := opened(t, root.FS(), Options{})
	if want := []string{"a/x.png", "all/x.png", "all/y.png", "b/x.png", "b/y.png"}; !slices.Equal(s.Names, want) || !slices.Equal(class, []int{0, 1, 1, 2, 2}) {
		t.Errorf("%v of classes %v", s.Names, class)
	}
	if notes := strings.Join(s.Notes(t.Context()), "\n"); !strings.Contains(notes, `links to a folder that they are in: "a/self", "all/loop"`) {
		t.Error(notes)
	}
}

// The folder of a run is no data, at any depth; and a run's folder alone is an error that says what it is.
func TestRuns(t *testing.T) {
	p := grey(2, 2, 9)
	of := map[string]string{"a.png": p, "runs/crops-1/run.json": "{}", "runs/crops-1/loss.png": grey(9, 9, 1), "runs/crops-1/samples/1.png": grey(8, 8, 1),
		"deep/er/x/run.json": "{}", "deep/er/x/loss.png": p, "deep/b.png": p}
	s, _, _ := opened(t, files(t, of), Options{})
	if want := []string{"a.png", "deep/b.png"}; !slices.Equal(s.Names, want) {
		t.Errorf("names %v, want %v", s.Names, want)
	}
	if notes := strings.Join(s.Notes(t.Context()), "\n"); !strings.Contains(notes, `folders of runs of train (they have a run.json): "deep/er/x", "runs/crops-1"`) {
		t.Error(notes)
	}
	delete(of, "a.png")
	of["run.json"] = "{}"
	if _, err := New(t.Context(), files(t, of), "NAME", Options{}); err == nil || !strings.Contains(err.Error(), "is the folder of a run") {
		t.Error(err)
	}
}

// Nothing is left out or inferred in silence.
func TestNotes(t *testing.T) {
	p := grey(2, 2, 9)
	for _, c := range []struct {
		want  string
		files map[string]string
		o     Options
	}{
		{`left out, as files of other kinds: 2 ".heic", 1 without an extension, 1 ".txt"`, map[string]string{"a.png": p, "b.HEIC": "x", "c.heic": "x", "readme.txt": "x", "x": "x"}, Options{}},
		{`left out, as hidden: ".a.png"`, map[string]string{"a.png": p, ".a.png": p}, Options{}},
		{`classes by the folders, in order: 0 "cat", 1 "dog"`, map[string]string{"dog/a.png": p, "cat/b.png": p}, Options{}},
		{`classes by the numbers that the folders are named by: "1", "2"`, map[string]string{"1/a.png": p, "2/b.png": p}, Options{}},
		{`no classes: the images "x.png" are beside the folders "1", "2"`, map[string]string{"1/a.png": p, "2/b.png": p, "x.png": p}, Options{}},
		{`folders without images, which are no classes: "empty"`, map[string]string{"1/a.png": p, "2/b.png": p, "empty/in/x.txt": "x"}, Options{}},
		{`as 1 of 2 files have colours, the first "b.jpg"; ?channels=1 makes all grey`, map[string]string{"a.png": p, "b.jpg": jpg(2, 2, color.White)}, Options{}},
		{`left out, as ?without= says: "b.png"`, map[string]string{"a.png": p, "b.png": "broken"}, Options{Choice: Choice{Without: []string{"b.png"}}}},
		{`left out, as ?without= says: "b.png"`, map[string]string{"a.png": p, "b.png": "broken"}, Options{Choice: Choice{Without: []string{"b.png", "b.png"}}}},
		{`"dataset.json" has labels of 2 files that are not there`, map[string]string{"a.png": p, "dataset.json": `{"labels": {"a.png": 1, "b": 2, "c": 3}}`}, Options{}},
		{`their numbers go up to 4000 of 65535 in the first 1; ?range=0,4095 makes 4095 white`, map[string]string{"a.png": deep(4000)}, Options{}},
		{`DICOM files without a window are shown from their own least value to their greatest: "a.dcm"; ?range=LOW,HIGH`, map[string]string{"a.dcm": scanned(t, "implicit_s16")}, Options{}},
		{`DICOM files with several windows are shown in the first: "a.dcm"; ?range=LOW,HIGH`, map[string]string{"a.dcm": scanned(t, "explicit_u12")}, Options{}},
		{"", map[string]string{"a.dcm": scanned(t, "explicit_u12")}, Options{Choice: Choice{Range: picture.Range{Hi: 4095}}}},
		{"", map[string]string{"a.png": deep(40000)}, Options{}},
		{"", map[string]string{"a.png": p, "b.png": p}, Options{}},
	} {
		s, _, _ := opened(t, files(t, c.files), c.o)
		notes := s.Notes(t.Context())
		if c.want == "" && len(notes) > 0 || c.want != "" && !slices.ContainsFunc(notes, func(n string) bool { return strings.Contains(n, c.want) }) {
			t.Errorf("%q, want %q", notes, c.want)
		}
	}
}

// deep returns a PNG of one pixel of 16 bits.
func deep(v uint16) string {
	m := image.NewGray16(image.Rect(0, 0, 1, 1))
	m.SetGray16(0, 0, color.Gray16{Y: v})
	return encoded(m)
}

// Numbers are spread over a range that is said, in the unit of the files.
func TestRange(t *testing.T) {
	of := files(t, map[string]string{"a.png": deep(4095), "b.png": deep(1024), "c.png": deep(0)})
	_, first, _ := opened(t, of, Options{Choice: Choice{Range: picture.Range{Hi: 4095}}})
	if want := []float32{1, float32(16388)/32767.5 - 1, -1}; !slices.Equal(first, want) { // round(1024·65535/4095) = 16388
		t.Errorf("%v, want %v", first, want)
	}
	_, first, _ = opened(t, files(t, map[string]string{"a.png": grey(1, 1, 20)}), Options{Choice: Choice{Range: picture.Range{Lo: 10, Hi: 20}}})
	if first[0] != 1 {
		t.Errorf("%v, want 1", first)
	}
	s, err := New(t.Context(), of, "NAME", Options{Choice: Choice{Range: picture.Range{Hi: 2000}}})
	if err != nil {
		t.Fatal(err)
	}
	var broken *FileError
	if _, err := s.Image(make([]float32, 1), 0); !errors.As(err, &broken) || broken.Name != "a.png" || !strings.Contains(err.Error(), "a number is 4095, not from 0 to 2000") {
		t.Error(err)
	}
	for want, c := range map[string]map[string]string{"8 bits, numbers from 0 to 255": {"a.png": grey(1, 1, 9)}, "16 bits and \"b.png\" 8": {"a.png": deep(9), "b.png": grey(1, 1, 9)},
		"values of DICOM and \"b.png\" 16 bits": {"a.dcm": scanned(t, "explicit_u12"), "b.png": deep(9)}} {
		if _, err := New(t.Context(), files(t, c), "NAME", Options{Choice: Choice{Range: picture.Range{Hi: 4095}}}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// Of DICOM a range is of values as they are stored, in place of the window; one outside is told as the file has it.
func TestRangeOfValues(t *testing.T) {
	of := files(t, map[string]string{"a.dcm": scanned(t, "explicit_u12")}) // 0, 31, 62, …; 779 is the last and the greatest
	for _, r := range []picture.Range{{Lo: 0, Hi: 779}, {Lo: -779, Hi: 779}} {
		s, first, _ := opened(t, of, Options{Choice: Choice{Range: r}})
		x := make([]float32, 30)
		if _, err := s.Image(x, 0); err != nil || x[29] != 1 || math.Abs(float64(first[0])-float64(-r.Lo*2)/float64(r.Hi-r.Lo)+1) > 1e-4 {
			t.Errorf("%v: from %v to %v, %v", r, first[0], x[29], err)
		}
	}
	s, err := New(t.Context(), of, "NAME", Options{Choice: Choice{Range: picture.Range{Hi: 100}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Image(make([]float32, 30), 0); err == nil || !strings.Contains(err.Error(), "a number is 124, not from 0 to 100 as ?range= says") {
		t.Error(err)
	}
	_, err = New(t.Context(), files(t, map[string]string{"a.png": grey(1, 1, 20)}), "NAME", Options{Choice: Choice{Range: picture.Range{Lo: -10, Hi: 20}}})
	if err == nil || !strings.Contains(err.Error(), "numbers from 0 to 255") {
		t.Errorf("a picture of numbers below 0: %v", err)
	}
}

// What is left out does not change the classes of the rest, though its folder were empty then, and needs no label.
func TestWithout(t *testing.T) {
	p := grey(1, 1, 0)
	of := files(t, map[string]string{"a/1.png": "broken", "b/2.png": p, "c/3.png": p})
	s, _, class := opened(t, of, Options{Choice: Choice{Without: []string{"a/1.png"}}})
	if !slices.Equal(class, []int{1, 2}) || !slices.Equal(s.ClassNames, []string{"a", "b", "c"}) {
		t.Errorf("classes %v, %v", class, s.ClassNames)
	}
	if _, err := New(t.Context(), of, "NAME", Options{Choice: Choice{Without: []string{"gone.png"}}}); err == nil || !strings.Contains(err.Error(), `no image "gone.png"`) {
		t.Error(err)
	}
	scans := files(t, map[string]string{"s/IM1": scanned(t, "explicit_u12"), "s/IM7": "no scan"})
	if s, _, _ := opened(t, scans, Options{Choice: Choice{Without: []string{"s/IM7"}}}); !slices.Equal(s.Names, []string{"s/IM1"}) {
		t.Errorf("%v", s.Names)
	}
	if _, err := New(t.Context(), scans, "NAME", Options{Choice: Choice{Without: []string{"s"}}}); err == nil || !strings.Contains(err.Error(), `no image "s"`) {
		t.Errorf("a folder is left out: %v", err)
	}
	of = files(t, map[string]string{"x/bad.png": "broken", "x/2.png": p, "x/dataset.json": `{"labels": {"2.png": 3}}`})
	if _, _, class = opened(t, of, Options{Choice: Choice{Without: []string{"x/bad.png"}}}); !slices.Equal(class, []int{3}) {
		t.Errorf("classes %v", class)
	}
}

// An asking file system asks before it opens a file.
type asking struct {
	fs.FS
	ask func(name string) error
}

func (a asking) Open(name string) (fs.File, error) {
	if err := a.ask(name); err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	return a.FS.Open(name)
}

// everywhere skips no folder.
func everywhere(fs.FileInfo) bool { return false }

// A file that has the name of a scanner's and cannot be looked at ends nothing and is told, and who asks for the names of files has its.
func TestNotSeen(t *testing.T) {
	closed := func(of map[string]string) fs.FS {
		return asking{files(t, of), func(name string) error { return map[string]error{"s/IM7": fs.ErrPermission}[name] }}
	}
	of := closed(map[string]string{"a.png": grey(2, 2, 9), "s/IM7": "x", "notes": "x"})
	s, _, _ := opened(t, of, Options{})
	notes := strings.Join(s.Notes(t.Context()), "\n")
	if !slices.Equal(s.Names, []string{"a.png"}) || !strings.Contains(notes, `could not be looked at: "s/IM7" (the first: permission denied)`) || !strings.Contains(notes, "other kinds: 1 without an extension") {
		t.Errorf("%v: %s", s.Names, notes)
	}
	names, others, err := Files(t.Context(), of, everywhere)
	if err != nil || !slices.Equal(names, []string{"a.png", "s/IM7"}) || others != 1 {
		t.Errorf("%v and %d others, %v", names, others, err)
	}
	if s, _, _ = opened(t, of, Options{Choice: Choice{Without: []string{"s/IM7"}}}); strings.Contains(strings.Join(s.Notes(t.Context()), "\n"), "looked at") {
		t.Error("what is left out is looked at")
	}
	if _, err := New(t.Context(), closed(map[string]string{"s/IM7": "x"}), "NAME", Options{}); err == nil || !strings.Contains(err.Error(), `could not be looked at: "s/IM7"`) {
		t.Errorf("alone: %v", err)
	}
}

// A context that is done in the midst of a folder ends the walk before the next file is opened.
func TestDoneInAFolder(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	n := 0
	of := asking{files(t, map[string]string{"IM1": "x", "IM2": "x", "IM3": "x"}), func(name string) error {
		if name != "." {
			n++
			stop()
		}
		return nil
	}}
	if _, _, err := Files(ctx, of, everywhere); err != context.Canceled || n != 1 {
		t.Errorf("%d files are opened: %v", n, err)
	}
}

// A window that shows nothing is an error that names what takes its place, and with that it is none.
func TestBrokenWindow(t *testing.T) {
	of := files(t, map[string]string{"a.dcm": strings.Replace(scanned(t, "explicit_u12"), `400\2000`, `0  \2000`, 1)})
	var broken *FileError
	if _, err := New(t.Context(), of, "NAME", Options{}); !errors.As(err, &broken) || !strings.Contains(err.Error(), "the width of window 0 is 0") || !strings.Contains(err.Error(), "?range=LOW,HIGH") {
		t.Error(err)
	}
	_, first, _ := opened(t, of, Options{Choice: Choice{Range: picture.Range{Hi: 4095}}})
	if first[0] != -1 {
		t.Errorf("the value 0 is %v", first)
	}
}

// Labels may have a mark of their encoding before them, be an object, and write names in another normal form.
func TestLabelForms(t *testing.T) {
	p := grey(1, 1, 0)
	composed, apart := "\u00e9.png", "e\u0301.png"
	for name, c := range map[string]struct{ file, json string }{
		"a mark": {"a.png", "\ufeff" + `{"labels": [["a.png", 3]]}`}, "an object": {"a.png", `{"x": [1, {}], "labels": {"a.png": 3}}`},
		"of Windows": {"x/a.png", `{"labels": [["x\\a.png", 3]]}`}, "with a dot": {"a.png", `{"labels": [["./a.png", 3]]}`},
		"composed": {composed, `{"labels": [["` + apart + `", 3]]}`}, "apart": {apart, `{"labels": [["` + composed + `", 3]]}`},
	} {
		if _, _, class := opened(t, files(t, map[string]string{c.file: p, "dataset.json": c.json}), Options{}); !slices.Equal(class, []int{3}) {
			t.Errorf("%s: %v", name, class)
		}
	}
	for want, json := range map[string]string{"UTF-16": "\xff\xfe{\x00", "it must be": `[["a.png", 3]]`, "at byte 2; it must be": "filename,label\n", "twice": `{"labels": [], "labels": []}`} {
		if _, err := New(t.Context(), files(t, map[string]string{"a.png": p, "dataset.json": json}), "NAME", Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// A large text of labels takes a few times its size, of all that is ever taken.
func TestLargeLabels(t *testing.T) {
	one := `["some/folder/image.png", 7],` + "\n"
	text := `{"labels": [` + strings.Repeat(one, 1<<16) + `["a.png", 1]]}`
	allocs.Bound(t, 16*int64(len(text)), func() {
		table := newTable([]string{"a.png"})
		if err := table.read(context.Background(), strings.NewReader(text)); err != nil || table.class[0] != 1 {
			t.Error(err)
		}
	})
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := newTable(nil).read(ctx, strings.NewReader(text)); err != context.Canceled {
		t.Error(err)
	}
}

// Names that would speak to a terminal are quoted.
func TestNamesAreQuoted(t *testing.T) {
	evil := "\x1b[31mred.png"
	_, err := New(t.Context(), fstest.MapFS{evil: {Data: []byte("x")}}, "a\x1b[2Jb", Options{})
	if err == nil || strings.Contains(err.Error(), "\x1b") || !strings.Contains(err.Error(), `\x1b[31mred.png`) {
		t.Errorf("%q", err)
	}
	s, _, _ := opened(t, fstest.MapFS{evil: {Data: []byte(grey(8, 8, 0))}, "b.jpg": {Data: []byte(jpg(8, 8, color.RGBA{R: 255, A: 255}))}}, Options{})
	if err := s.Mixed(); err == nil || strings.Contains(err.Error(), "\x1b") || !strings.Contains(err.Error(), `"\x1b[31mred.png" is grey`) {
		t.Errorf("%q", err)
	}
}

// A name that is not UTF-8, of a file or a folder, is told as that.
func TestNamesThatAreNotUTF8(t *testing.T) {
	for _, name := range []string{"\xff.png", "\xff/a.png"} {
		_, err := New(t.Context(), files(t, map[string]string{name: grey(1, 1, 0)}), "NAME", Options{})
		if err == nil || !strings.Contains(err.Error(), `"\xff`) || !strings.Contains(err.Error(), "its name is not UTF-8: rename it") {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// Images that are read at a time share memory; one that needs more than there is, is read alone.
func TestRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRoom(10)
		r.take(6)
		r.take(4)
		go r.take(100)
		for _, given := range []int64{0, 6} {
			r.give(given)
			if synctest.Wait(); r.use != 10-given {
				t.Errorf("%d in use while others read", r.use)
			}
		}
		r.give(4)
		if synctest.Wait(); r.use != 100 {
			t.Errorf("%d in use, want 100", r.use)
		}
	})
}

// An image waits until others have left it room, and leaves it for the next; and so does a header, which may take the whole file.
func TestImageWaitsForRoom(t *testing.T) {
	b := zipped(map[string]string{"a.png": grey(2, 1, 9)})
	z, err := packed.Zip(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	s, _, _ := opened(t, z, Options{})
	waits(t, s.List, 2*picture.BytesAPixel, func(ctx context.Context) error { _, err := s.Decode(ctx, 0, 1); return err })
	waits(t, s.List, s.Stamps[0].Size, func(ctx context.Context) error { _, _, err := s.header(ctx, "a.png"); return err })
}

// waits fails the test unless what reads waits in a room of so many bytes, one of which is taken, and leaves it as it was.
func waits(t *testing.T, l *List, size int64, read func(context.Context) error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		l.room = newRoom(size)
		l.room.take(1)
		done := false
		go func() {
			if err := read(t.Context()); err != nil {
				t.Error(err)
			}
			done = true
		}()
		if synctest.Wait(); done {
			t.Errorf("it is read where there is no room in %d bytes", size)
		}
		l.room.give(1)
		if synctest.Wait(); !done || l.room.use != 0 {
			t.Errorf("read: %v, %d of %d bytes are still taken", done, l.room.use, size)
		}
	})
}
