package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"spdiff"
	"spdiff/cmd/internal/checksum"
	"spdiff/cmd/internal/cli/clitest"
	"spdiff/cmd/internal/lock"
	"spdiff/group"
)

// folder makes a folder of images of several kinds, one of which is none.
func folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	put := func(name, from string) {
		text, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, text, 0o666)); err != nil {
			t.Fatal(err)
		}
	}
	put("a.png", file(t, "a.png", 9, 9))
	put("b/c.jpg", file(t, "c.jpg", 8, 12))
	put("b/d.gif", "../internal/picture/testdata/grey.gif")
	put("e.dcm", "../internal/dicom/testdata/mono1_u8_frames.dcm")
	put("notes.txt", "batch_test.go")
	put("bad.png", "batch_test.go")
	return dir
}

func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() || e.Name() == lock.Name {
			return err
		}
		text, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		all[filepath.ToSlash(name)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// A folder's images are what the command makes of each alone; a bad one is told at the end, and the others are done; a second run
// makes only what is missing or of other settings.
func TestFolder(t *testing.T) {
	m, dir := model(t, group.C4, spdiff.WT, 1, 0), folder(t)
	out := filepath.Join(dir, "out") // within what is read
	args := []string{"-model", m, "-in", dir, "-out", out, "-steps", "2"}
	var err error
	text := clitest.Captured(t, func() { err = do(args...) })
	if err == nil || !strings.Contains(err.Error(), "1 of 5 failed") || !strings.Contains(text, "failed:  bad.png: it is none of the pictures") {
		t.Fatal(err, text)
	}
	if !strings.Contains(text, "made:    4 in ") || !strings.Contains(text, "1 other files left out") {
		t.Error(text)
	}
	first := contents(t, out)
	if len(first) != 5 || first["a.png"] == "" || first["b/c.jpg"] == "" || first["b/d.gif.png"] == "" || first["e.dcm"] == "" {
		t.Fatal(first)
	}
	for name, in := range map[string]string{"a.png": "a.png", "b/c.jpg": "b/c.jpg", "b/d.gif.png": "b/d.gif", "e.dcm": "e.dcm"} {
		alone := filepath.Join(t.TempDir(), "x"+filepath.Ext(name))
		if err := do("-model", m, "-in", filepath.Join(dir, in), "-out", alone, "-steps", "2"); err != nil {
			t.Fatal(err)
		}
		if b, _ := os.ReadFile(alone); string(b) != first[name] {
			t.Errorf("%s is another alone", name)
		}
	}
	os.Remove(filepath.Join(out, "a.png"))
	os.WriteFile(filepath.Join(out, "b", "c.jpg"), []byte("damaged"), 0o666)
	if text = clitest.Captured(t, func() { err = do(args...) }); !strings.Contains(text, "made:    2 in ") || !strings.Contains(text, "2 were there") {
		t.Error(text)
	}
	second := contents(t, out)
	for name, b := range first {
		if name != recordName && second[name] != b {
			t.Errorf("%s is another the second time", name)
		}
	}
	if text = clitest.Captured(t, func() { err = do(append(args, "-seed", "2")...) }); !strings.Contains(text, "made:    4 in ") {
		t.Error(text)
	}
}

// A call that is ended while it looks into the files of a folder opens no more of them.
func TestLookingEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	opens := 0
	file := task{name: "a.tif", open: func() (*opened, error) {
		opens++
		cancel()
		return nil, os.ErrPermission
	}}
	if _, err := allPaged(ctx, []task{file, file}); !errors.Is(err, context.Canceled) || opens != 1 {
		t.Errorf("%d files are opened: %v", opens, err)
	}
}

// What was made in another precision is made anew, whether -precision says so or the model; and float32 is not said, as in records of
// before.
func TestPrecisionMatters(t *testing.T) {
	c := clitest.Tiny(group.C4, spdiff.WT, 1, 0)
	c.Precision = spdiff.BF16
	m, dir := clitest.Model(t, c, clitest.Noise{Channels: 1}), filepath.Dir(file(t, "a.png", 9, 9))
	out := filepath.Join(t.TempDir(), "out")
	for i, c := range []struct{ args, want string }{{"", "made:    1 in "}, {"-precision float32", "made:    1 in "}, {"-precision bf16", "made:    1 in "}, {"", "made:    0 in "}} {
		text := clitest.Captured(t, func() {
			if err := do(append([]string{"-model", m, "-in", dir, "-out", out, "-steps", "2"}, strings.Fields(c.args)...)...); err != nil {
				t.Fatal(err)
			}
		})
		if !strings.Contains(text, c.want) {
			t.Errorf("call %d, %q: %s; want %q", i, c.args, text, c.want)
		}
	}
	o := &options{}
	if s := o.settings("m", spdiff.Float32); s != o.settings("m", spdiff.DefaultPrecision) || strings.Contains(s, "precision") {
		t.Errorf("of float32 the record says %s", s)
	}
}

// An archive's images are those of the folder, and what is hidden there is in neither.
func TestZip(t *testing.T) {
	m, dir := model(t, group.C4, spdiff.WT, 1, 0), folder(t)
	os.Remove(filepath.Join(dir, "bad.png"))
	for _, hidden := range []string{".h", "b/__MACOSX"} {
		if err := errors.Join(os.Mkdir(filepath.Join(dir, hidden), 0o777), os.Rename(file(t, "x.png", 9, 9), filepath.Join(dir, hidden, "x.png"))); err != nil {
			t.Fatal(err)
		}
	}
	archive := saved(t, "all.zip", func(w io.Writer) error {
		z := zip.NewWriter(w)
		return errors.Join(z.AddFS(os.DirFS(dir)), z.Close())
	})
	if err := do("-model", m, "-in", archive, "-steps", "2"); err != nil {
		t.Fatal(err)
	}
	if err := do("-model", m, "-in", dir, "-steps", "2"); err != nil {
		t.Fatal(err)
	}
	a, b := contents(t, beside(archive, "-denoised", "")), contents(t, dir+"-denoised")
	for name := range b {
		if name != recordName && a[name] != b[name] {
			t.Errorf("%s differs", name)
		}
	}
	if len(a) != len(b) || len(a) != 5 {
		t.Error(len(a), len(b))
	}
}

// A file of DICOM that no extension names, as scanners give them, is an image of a folder and of an archive, and the index of them is none.
func TestScans(t *testing.T) {
	m, dir := model(t, group.C4, spdiff.WT, 1, 0), t.TempDir()
	scan, err := os.ReadFile("../internal/dicom/testdata/explicit_u12.dcm")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{"IM000001": scan, "1.2.840.1": scan, "DICOMDIR": scan, "notes": []byte("x")} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	archive := saved(t, "all.zip", func(w io.Writer) error {
		z := zip.NewWriter(w)
		return errors.Join(z.AddFS(os.DirFS(dir)), z.Close())
	})
	for in, out := range map[string]string{dir: dir + "-denoised", archive: beside(archive, "-denoised", "")} {
		text := clitest.Captured(t, func() { err = do("-model", m, "-in", in, "-steps", "2") })
		if err != nil {
			t.Fatal(err)
		}
		got := contents(t, out)
		if len(got) != 3 || got["IM000001.dcm"] == "" || got["1.2.840.1.dcm"] != got["IM000001.dcm"] || !strings.Contains(text, "2 other files left out") {
			t.Errorf("%s: %d files; %s", in, len(got), text)
		}
	}
}

// A file of an archive that may be a scanner's and cannot be looked at has failed, and the others are done.
func TestScanThatCannotBeLookedAt(t *testing.T) {
	archive := saved(t, "all.zip", func(w io.Writer) error {
		z := zip.NewWriter(w)
		if err := z.AddFS(os.DirFS(filepath.Dir(file(t, "a.png", 9, 9)))); err != nil {
			return err
		}
		f, err := z.CreateRaw(&zip.FileHeader{Name: "IM7", CRC32: 1, CompressedSize64: 1, UncompressedSize64: 1})
		if err != nil {
			return err
		}
		_, err = f.Write([]byte("x"))
		return errors.Join(err, z.Close())
	})
	var err error
	text := clitest.Captured(t, func() { err = do("-model", model(t, group.C4, spdiff.WT, 1, 0), "-in", archive, "-steps", "2") })
	if err == nil || !strings.Contains(err.Error(), "1 of 2 failed") || !strings.Contains(text, "failed:  IM7: zip: checksum error") {
		t.Error(err, text)
	}
}

// However many files fail, the list at the end has them all, and the error says how many.
func TestAllThatFailedIsListed(t *testing.T) {
	in := t.TempDir()
	for i := range 20 {
		if err := os.WriteFile(filepath.Join(in, fmt.Sprintf("%d.png", i)), nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	m, out := model(t, group.C4, spdiff.WT, 1, 0), t.TempDir()
	var err error
	text := clitest.Captured(t, func() { err = do("-model", m, "-in", in, "-out", out, "-steps", "2") })
	_, list, _ := strings.Cut(text, "made:    0 in ")
	for i := range 20 {
		if !strings.Contains(list, fmt.Sprintf("failed:  %d.png: ", i)) {
			t.Errorf("%d.png is not listed:\n%s", i, list)
		}
	}
	if err == nil || err.Error() != "20 of 20 failed, all others are done" {
		t.Error(err)
	}
}

// What is said of files has no character that a terminal would obey, whatever their names.
func TestNamesAreQuoted(t *testing.T) {
	m, in, out := model(t, group.C4, spdiff.WT, 1, 0), file(t, "\x1b[31ma.png", 9, 9), t.TempDir()
	if err := os.Mkdir(filepath.Join(out, "\x1b[31ma.png"), 0o777); err != nil {
		t.Fatal(err)
	}
	args := []string{"-model", m, "-in", filepath.Dir(in), "-out", out, "-steps", "2"}
	var err error
	text := clitest.Captured(t, func() { err = do(args...) })
	if err == nil || !strings.Contains(text, "not a regular file") || strings.Contains(text+err.Error(), "\x1b") {
		t.Errorf("a result that is a folder: %q, %q", text, err)
	}
	for _, name := range []string{"\x1b[31mb.gif", "\x1b[31mb.gif.png"} {
		if err := os.WriteFile(filepath.Join(filepath.Dir(in), name), nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := do(args...); err == nil || !strings.Contains(err.Error(), "would both become") || strings.Contains(err.Error(), "\x1b") {
		t.Errorf("two of one name: %q", err)
	}
}

// A folder is not written into itself, nor two images to one name.
func TestFoldersStay(t *testing.T) {
	m, dir := model(t, group.C4, spdiff.WT, 1, 0), folder(t)
	was := contents(t, dir)
	if err := do("-model", m, "-in", dir, "-out", dir, "-steps", "2"); err == nil || !strings.Contains(err.Error(), "name another") {
		t.Error(err)
	}
	for name, b := range was {
		if now := contents(t, dir)[name]; now != b {
			t.Errorf("%s changed", name)
		}
	}
	os.WriteFile(filepath.Join(dir, "b", "d.gif.png"), []byte("x"), 0o666)
	if err := do("-model", m, "-in", dir, "-out", t.TempDir(), "-steps", "2"); err == nil || !strings.Contains(err.Error(), "would both become") {
		t.Error(err)
	}
	if err := do("-model", m, "-in", t.TempDir(), "-steps", "2"); err == nil || !strings.Contains(err.Error(), "there are no images") || !strings.Contains(err.Error(), "or DICOM without an extension") {
		t.Error(err)
	}
}

// A run that is stopped says how to go on, and does.
func TestStopped(t *testing.T) {
	m, dir := model(t, group.C4, spdiff.WT, 1, 0), folder(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := run(ctx, []string{"-model", m, "-in", dir, "-out", filepath.Join(t.TempDir(), "o"), "-steps", "2"})
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "goes on") {
		t.Error(err)
	}
	if err := apart(ctx, []task{{name: "a.png", out: "a.png"}}, &options{out: t.TempDir()}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	archive := saved(t, "all.zip", func(w io.Writer) error {
		z := zip.NewWriter(w)
		return errors.Join(z.AddFS(os.DirFS(dir)), z.Close())
	})
	if tasks, _, err := inZip(ctx, archive); !errors.Is(err, context.Canceled) {
		t.Errorf("an archive is still looked at: %d tasks, %v", len(tasks), err)
	}
}

// What is done is found again, whatever bytes its name has.
func TestRecordOfNames(t *testing.T) {
	made, path := file(t, "a.png", 8, 8), filepath.Join(t.TempDir(), recordName)
	for i := range 2 {
		r, err := openRecord(path, "")
		if err != nil {
			t.Fatal(err)
		}
		for sum, out := range map[string]string{"1": "ü.png", "2": "\xfc.png", "3": "\xfd.png"} {
			if i == 0 {
				err = r.add(out, sum, made)
			} else if !r.has(out, sum, made) {
				err = errors.New("it is not found")
			}
			if err != nil {
				t.Errorf("%q: %v", out, err)
			}
		}
		r.close()
	}
}

// Whatever is in a record, it is read, and only whole lines count.
func FuzzRecord(f *testing.F) {
	f.Add([]byte("{\"out\":\"a.png\",\"in_sha256\":\"1\"}\n{\"out\":\"b.p"))
	f.Add(bytes.Repeat([]byte("long"), 4000))
	f.Fuzz(func(t *testing.T, b []byte) {
		lines, end := readRecord(bytes.NewReader(b))
		if len(b) > 0 && end != b[len(b)-1] {
			t.Errorf("the end is %d", end)
		}
		for name, d := range lines {
			if name == "" || d.Out != name {
				t.Errorf("%q: %+v", name, d)
			}
		}
	})
}

// A results' folder that has links to what is read is refused, and it is said to what.
func TestLinkedResultsStay(t *testing.T) {
	m, dir, out := model(t, group.C4, spdiff.WT, 1, 0), folder(t), t.TempDir()
	if err := os.Symlink(filepath.Join(dir, "e.dcm"), filepath.Join(out, "a.png")); err != nil {
		t.Skipf("SKIPPED: no links: %v", err)
	}
	if err := do("-model", m, "-in", dir, "-out", out, "-steps", "2"); err == nil || !strings.Contains(err.Error(), "e.dcm, which is read and must stay") {
		t.Error(err)
	}
}

// counted counts what is read of it.
type counted struct {
	io.ReaderAt
	n *int
}

func (c counted) ReadAt(p []byte, at int64) (int, error) {
	n, err := c.ReaderAt.ReadAt(p, at)
	*c.n += n
	return n, err
}

// twoPages returns a TIFF of two pages that are the same.
func twoPages(t *testing.T) []byte {
	t.Helper()
	one, err := openFile(t.Context(), "-in", file(t, "grey.png", 9, 9), &options{})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := one.write(&b, "TIFF", derivation{}); err != nil {
		t.Fatal(err)
	}
	tiff := b.Bytes()
	directory := bytes.Clone(tiff[binary.LittleEndian.Uint32(tiff[4:]):])
	binary.LittleEndian.PutUint32(tiff[len(tiff)-4:], uint32(len(tiff)))
	return append(tiff, directory...)
}

// All pages of a TIFF are made, each a file, and the first alone is said to be so. The file is hashed once.
func TestPages(t *testing.T) {
	m, whole := model(t, group.C4, spdiff.WT, 1, 0), twoPages(t)
	in := saved(t, "two.tif", func(w io.Writer) error { _, err := w.Write(whole); return err })
	if err := do("-model", m, "-in", in, "-out", filepath.Join(filepath.Dir(in), "pages"), "-steps", "2"); err != nil {
		t.Fatal(err)
	}
	text := clitest.Captured(t, func() {
		if err := do("-model", m, "-in", in, "-steps", "2"); err != nil {
			t.Error(err)
		}
	})
	if !strings.Contains(text, "1 more are not read; of a TIFF, -out FOLDER takes all") {
		t.Error(text)
	}
	alone, err := os.ReadFile(beside(in, "-denoised", ".tif"))
	pages := contents(t, filepath.Join(filepath.Dir(in), "pages"))
	if err != nil || len(pages) != 3 || pages["two-00001.tif"] != string(alone) || pages["two-00002.tif"] != string(alone) {
		t.Errorf("%d files (%v)", len(pages), err)
	}
	n := 0
	of := task{name: "two.tif", open: func() (*opened, error) {
		return &opened{counted{bytes.NewReader(whole), &n}, io.NopCloser(nil), int64(len(whole))}, nil
	}}.paged(t.Context())
	n = 0
	want, _ := checksum.Sum(bytes.NewReader(whole))
	for _, p := range of {
		if sum, err := p.sum(); err != nil || sum != want || len(of) != 2 || n != len(whole) {
			t.Errorf("%d tasks, %s, %v after %d bytes", len(of), sum, err, n)
		}
	}
}

// The results of a folder are beside it, also of the one that the command runs in.
func TestNamedBesideFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "scans")
	if err := os.MkdirAll(filepath.Join(dir, "more"), 0o777); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	for in, want := range map[string]string{".": "scans-denoised", "./": "scans-denoised", "../scans": "scans-denoised", "more/..": "scans-denoised", "more": "scans/more-denoised"} {
		if got := (&options{in: in}).named(); !filepath.IsAbs(got) || !strings.HasSuffix(filepath.ToSlash(got), "/"+want) {
			t.Errorf("-in %s: %s, want …/%s", in, got, want)
		}
	}
}

// What a file is tells whether it has pages, and not its name: alone, in a folder and in an archive. A DICOM file is none, though it may
// begin as a TIFF.
func TestPagesByContents(t *testing.T) {
	dir, two := t.TempDir(), twoPages(t)
	for _, name := range []string{"two.png", "two.tif"} {
		if err := os.WriteFile(filepath.Join(dir, name), two, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	archive := saved(t, "all.zip", func(w io.Writer) error {
		z := zip.NewWriter(w)
		return errors.Join(z.AddFS(os.DirFS(dir)), z.Close())
	})
	alone := saved(t, "two", func(w io.Writer) error { _, err := w.Write(two); return err })
	for in, want := range map[string]string{
		dir:     "two-00001.png two-00002.png two-00001.tif two-00002.tif",
		archive: "two-00001.png two-00002.png two-00001.tif two-00002.tif",
		alone:   "two-00001.png two-00002.png",
	} {
		tasks, _, err := list(t.Context(), in, "")
		var names []string
		for _, task := range tasks {
			names = append(names, task.out)
		}
		if got := strings.Join(names, " "); err != nil || got != want {
			t.Errorf("%s: %s (%v), want %s", in, got, err, want)
		}
	}
	scan, err := os.ReadFile("../internal/dicom/testdata/explicit_u12.dcm")
	if err != nil {
		t.Fatal(err)
	}
	copy(scan, two[:8])
	if (task{open: func() (*opened, error) {
		return &opened{bytes.NewReader(scan), io.NopCloser(nil), int64(len(scan))}, nil
	}}).isTIFF() {
		t.Error("a DICOM file is taken for pages of a TIFF")
	}
}

// A link within the folder is followed, of a file and of a folder; one that leads out is refused with a remedy, and nothing is made.
func TestLinksOut(t *testing.T) {
	m, dir, outside := model(t, group.C4, spdiff.WT, 1, 0), t.TempDir(), file(t, "secret.png", 8, 8)
	if err := errors.Join(os.Mkdir(filepath.Join(dir, "b"), 0o777), os.Rename(file(t, "a.png", 9, 9), filepath.Join(dir, "b", "a.png")),
		os.Symlink("b", filepath.Join(dir, "c")), os.Symlink(filepath.Join("b", "a.png"), filepath.Join(dir, "d.png"))); err != nil {
		t.Skipf("SKIPPED: no links: %v", err)
	}
	out := filepath.Join(t.TempDir(), "out")
	if err := do("-model", m, "-in", dir, "-out", out, "-steps", "2"); err != nil {
		t.Fatal(err)
	}
	got := contents(t, out)
	if len(got) != 4 || got["b/a.png"] == "" || got["c/a.png"] != got["b/a.png"] || got["d.png"] != got["b/a.png"] {
		t.Errorf("%d files", len(got))
	}
	for _, target := range []string{outside, filepath.Dir(outside), "nowhere"} {
		link := filepath.Join(dir, "out.png")
		if err := os.Symlink(target, link); err != nil {
			t.Fatal(err)
		}
		out := filepath.Join(t.TempDir(), "out")
		if err := do("-model", m, "-in", dir, "-out", out, "-steps", "2"); err == nil || !strings.Contains(err.Error(), `"out.png"`) || !strings.Contains(err.Error(), "cp -rL") {
			t.Errorf("%s: %v", target, err)
		}
		if _, err := os.Stat(out); err == nil {
			t.Errorf("%s: something is made", target)
		}
		os.Remove(link)
	}
}

// Two runs do not write one folder at once.
func TestOneAtATime(t *testing.T) {
	m, dir, out := model(t, group.C4, spdiff.WT, 1, 0), folder(t), t.TempDir()
	l, err := lock.Take(out)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Release()
	var held *lock.HeldError
	if err := do("-model", m, "-in", dir, "-out", out, "-steps", "2"); !errors.As(err, &held) {
		t.Error(err)
	}
	if len(contents(t, out)) != 0 {
		t.Error("something is made")
	}
}
