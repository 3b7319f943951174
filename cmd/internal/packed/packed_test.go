package packed

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"spdiff/cmd/internal/allocs"
)

func gz(b []byte) []byte {
	var w bytes.Buffer
	z := gzip.NewWriter(&w)
	z.Write(b)
	z.Close()
	return w.Bytes()
}

// archive returns a zip archive of files with these names and contents, alternately.
func archive(entries ...string) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(entries); i += 2 {
		w, err := z.Create(entries[i])
		if err != nil {
			panic(err)
		}
		io.WriteString(w, entries[i+1])
	}
	z.Close()
	return b.Bytes()
}

func write(t *testing.T, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// A file reads the same gzipped and not, and is an error when it unpacks to more than it is trusted with.
func TestOpen(t *testing.T) {
	text := strings.Repeat("hello ", 100)
	for _, b := range [][]byte{[]byte(text), gz([]byte(text))} {
		r, err := Open(write(t, b))
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		if err != nil || string(got) != text {
			t.Errorf("%q, %v", got, err)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
	for n, fails := range map[int]bool{always: false, always + 1: true} {
		r, err := Open(write(t, gz(make([]byte, n))))
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.Copy(io.Discard, r)
		if got > always || (err != nil) != fails || fails && !strings.Contains(err.Error(), "more than 16777216 bytes") {
			t.Errorf("%d bytes: %d and %v", n, got, err)
		}
		r.Close()
	}
	for want, path := range map[string]string{"not a regular file": t.TempDir(), "no such file": filepath.Join(t.TempDir(), "none"),
		"unexpected EOF": write(t, []byte("\x1f\x8b"))} {
		if _, err := Open(path); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%v; want an error with %q and the path", err, want)
		}
	}
}

// What a terminal would not show is written out, in names and in errors; the rest stays.
func TestClean(t *testing.T) {
	for name, want := range map[string]string{"a\x1b[2Jb": `a\x1b[2Jb`, "é 3×2": "é 3×2", "two\nlines": "two\nlines", "\xff": `\xff`, "\u202e": `\u202e`} {
		err := &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
		got := Clean(err)
		if want = "open " + want + ": file does not exist"; got.Error() != want || !errors.Is(got, fs.ErrNotExist) {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if Clean(nil) != nil || Printable("a b×") != "a b×" || Printable("a\x1b") != `"a\x1b"` {
		t.Error("names and errors are changed")
	}
}

// A stamp tells files by both their ends, their size and their name.
func TestStamp(t *testing.T) {
	b := make([]byte, 3*stamped)
	of := func() Stamp { return StampOf("x", bytes.NewReader(b), int64(len(b))) }
	first := of()
	b[2*stamped+5]++
	if of() == first {
		t.Error("another end, the same stamp")
	}
	b[2*stamped+5]--
	b[7]++
	if s := of(); s == first || BeginningOf("x", bytes.NewReader(b), 9) == BeginningOf("x", bytes.NewReader(b), 10) {
		t.Error("another beginning or size, the same stamp")
	}
	b[7]--
	if s, err := StampFile("x", write(t, b)); err != nil || s != first {
		t.Errorf("%v, %v, want %v", s, err, first)
	}
}

// An archive is read by its names, those of code page 437 too, and refused where it names what it may not.
func TestZip(t *testing.T) {
	z, err := OpenZip(write(t, archive("a/", "", "a/b.txt", "hello", "gr\x81n/\xe1.txt", "hello", "grün/é.txt", "hello")))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a/b.txt", "grün/ß.txt", "grün/é.txt"} {
		if b, err := fs.ReadFile(z, name); err != nil || string(b) != "hello" {
			t.Errorf("%s: %q, %v", name, b, err)
		}
	}
	bomb := archive("bomb", strings.Repeat("\x00", always+1))
	for _, c := range []struct {
		want string
		file []byte
	}{
		{"no path within it", archive("../evil.png", "x")},
		{"no path within it", archive("a/../../evil.png", "x")},
		{"no path within it", archive("/etc/passwd", "x")},
		{"no path within it", archive(`..\evil.png`, "x")},
		{"no path within it", archive("", "x")},
		{"no path within it", archive("../\x81.png", "x")},
		{"twice", archive("\x81.png", "x", "ü.png", "x")},
		{"twice", archive("a.png", "x", "b.png", "x", "a.png", "y")},
		{"unpacks from", bomb},
		{"not a valid zip file", []byte("hello")},
		{"not a valid zip file", bomb[:len(bomb)-1]},
		{"encrypted", encrypted()},
	} {
		path := write(t, c.file)
		if _, err := OpenZip(path); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%v; want an error with %q and the path", err, c.want)
		}
	}
}

// encrypted returns an archive whose file says that it is.
func encrypted() []byte {
	b := archive("a", "x")
	at := bytes.Index(b, []byte("PK\x01\x02"))
	b[at+8] |= 1
	return b
}

// A file of an archive that is packed in another way than is read is an error with its name, and what to do.
func TestZippedMethod(t *testing.T) {
	b := archive("a.txt", "x")
	b[bytes.Index(b, []byte("PK\x01\x02"))+10] = 9 // Deflate64
	z, err := Zip(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	texts := Format[string]{"texts", func(string) bool { return true }, func(io.Reader, string) (string, error) { return "", nil }}
	_, err = texts.Zipped(z, "file.zip")
	if !errors.Is(err, zip.ErrAlgorithm) || !strings.HasPrefix(err.Error(), `file.zip, "a.txt": `) || !strings.Contains(err.Error(), "with deflate") {
		t.Errorf("%v; want an error with the names and what to do", err)
	}
}

// What is wrong within a file is told with its name, in an archive or not.
func TestFormatNamesTheFile(t *testing.T) {
	wrong := errors.New("wrong")
	texts := Format[string]{"texts", func(string) bool { return true }, func(io.Reader, string) (string, error) { return "", wrong }}
	path := write(t, []byte("x"))
	if _, err := texts.Open(path); !errors.Is(err, wrong) || err.Error() != Printable(path)+": wrong" {
		t.Error(err)
	}
	b := archive("a.txt", "x")
	z, err := Zip(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := texts.Zipped(z, "file.zip"); !errors.Is(err, wrong) || err.Error() != `file.zip, "a.txt": wrong` {
		t.Error(err)
	}
}

// An archive that says that a file unpacks to less than it does gives no more than it said.
func TestZipThatLies(t *testing.T) {
	b := archive("a", strings.Repeat("x", 1000))
	at := bytes.Index(b, []byte("PK\x01\x02"))
	b[at+24], b[at+25] = 10, 0 // of the unpacked size
	z, err := Zip(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := fs.ReadFile(z, "a"); err == nil || len(got) > 10 {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

func FuzzZip(f *testing.F) {
	f.Add(archive("a/b.txt", "hello", "c", strings.Repeat("x", 1000)))
	f.Add(archive("../evil.png", "x"))
	f.Add(encrypted())
	f.Fuzz(func(t *testing.T, b []byte) {
		size := int64(len(b))
		allocs.Bound(t, 2*Limit(size)+64*size+1<<20, func() {
			z, err := Zip(bytes.NewReader(b), size)
			if err != nil {
				return
			}
			fs.WalkDir(z, ".", func(name string, d fs.DirEntry, err error) error {
				if !fs.ValidPath(name) || strings.Contains(name, "..") && strings.HasPrefix(name, "../") {
					t.Fatalf("%q leads out", name)
				}
				return nil
			})
			for _, e := range z.File[:min(len(z.File), 1)] {
				r, err := e.Open()
				if err != nil {
					return
				}
				if n, _ := io.Copy(io.Discard, r); n > Limit(size) {
					t.Fatalf("%d bytes unpack to %d", size, n)
				}
				r.Close()
			}
		})
	})
}

func FuzzGunzip(f *testing.F) {
	f.Add(gz([]byte("hello")))
	f.Add(gz(make([]byte, 1<<16)))
	f.Fuzz(func(t *testing.T, b []byte) {
		size := int64(len(b))
		if r, err := Gunzip(bytes.NewReader(b), size); err == nil {
			if n, _ := io.Copy(io.Discard, r); n > Limit(size) {
				t.Fatalf("%d bytes unpack to %d", size, n)
			}
		}
	})
}
