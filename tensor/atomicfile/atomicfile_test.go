package atomicfile

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error { _, err := io.WriteString(w, s); return err }
}

// only fails unless dir holds one file, of this name and content.
func only(t *testing.T, dir, name, content string) {
	t.Helper()
	entries, _ := os.ReadDir(dir)
	if len(entries) != 1 || entries[0].Name() != name {
		t.Errorf("the folder holds %v, want %s alone", entries, name)
	}
	if got, _ := os.ReadFile(filepath.Join(dir, name)); string(got) != content {
		t.Errorf("the file holds %q, want %q", got, content)
	}
}

func TestWriteReplaces(t *testing.T) {
	dir := t.TempDir()
	for _, s := range []string{"a longer text", "short", ""} {
		if err := Write(filepath.Join(dir, "x"), text(s)); err != nil {
			t.Fatal(err)
		}
		only(t, dir, "x", s)
		if err := WriteFile(filepath.Join(dir, "x"), []byte(s+"!")); err != nil {
			t.Fatal(err)
		}
		only(t, dir, "x", s+"!")
	}
}

// An error or a panic half-way leaves what was there, and nothing else.
func TestFailureKeepsTheOld(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x")
	if err := Write(path, text("old")); err != nil {
		t.Fatal(err)
	}
	full := errors.New("the disk is full")
	err := Write(path, func(w io.Writer) error { io.WriteString(w, "new"); return full })
	if !errors.Is(err, full) || !strings.Contains(err.Error(), path) {
		t.Errorf("%v; want the error, and the path", err)
	}
	only(t, dir, "x", "old")

	func() {
		defer func() { recover() }()
		Write(path, func(w io.Writer) error { io.WriteString(w, "new"); panic("half-way") })
	}()
	only(t, dir, "x", "old")
}

func TestErrorsNameThePath(t *testing.T) {
	dir := t.TempDir()
	sub := filepath.Join(dir, "folder")
	os.MkdirAll(filepath.Join(sub, "full"), 0o755)
	for _, path := range []string{filepath.Join(dir, "none", "x"), sub} {
		if err := Write(path, text("x")); err == nil || !strings.Contains(err.Error(), path+":") {
			t.Errorf("%v; want an error that names %s", err, path)
		}
	}
	only(t, sub, "full", "")
}

// What a killed process left says which file it was to become.
func TestAside(t *testing.T) {
	dir := t.TempDir()
	Write(filepath.Join(dir, "x.png"), func(w io.Writer) error {
		entries, _ := os.ReadDir(dir)
		if len(entries) != 1 {
			t.Fatalf("the folder holds %v", entries)
		}
		if of, is := Aside(entries[0].Name()); of != "x.png" || !is {
			t.Errorf("%s: %q, %v", entries[0].Name(), of, is)
		}
		return nil
	})
	for _, name := range []string{"y", ".z", "z.aside", ".aside", "..aside", "x.png", ".x.1.asid"} {
		if of, is := Aside(name); is || IsAside(name) {
			t.Errorf("%s is said to be one of %q", name, of)
		}
	}
}

func ExampleWrite() {
	dir, _ := os.MkdirTemp("", "")
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "greeting")
	err := Write(path, func(w io.Writer) error { _, err := fmt.Fprint(w, "hello"); return err })
	b, _ := os.ReadFile(path)
	fmt.Println(string(b), err)
	// Output: hello <nil>
}

// A file is opened with its size; what is no regular file is not opened, nor what is not there, and the error names it.
func TestOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x")
	if err := Write(path, text("seven\r\n")); err != nil {
		t.Fatal(err)
	}
	f, size, err := Open(path)
	if err != nil || size != 7 {
		t.Fatalf("a size of %d, %v", size, err)
	}
	f.Close()
	for path, want := range map[string]string{filepath.Dir(path): "not a regular file", path + "y": "no such file", os.DevNull: "not a regular file"} {
		if _, _, err := Open(path); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v; want %q and the path", path, err, want)
		}
	}
}

// Only that a file's name is not confirmed is passed over.
func TestWritten(t *testing.T) {
	if err := Written(fmt.Errorf("a: %w", &UnsyncedError{os.ErrInvalid})); err != nil {
		t.Error(err)
	}
	if err := Written(os.ErrPermission); err != os.ErrPermission {
		t.Error(err)
	}
}
