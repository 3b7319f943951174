package checksum

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
)

func Example() {
	fmt.Println(Sum(strings.NewReader("abc"))) // FIPS 180
	// Output: ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad <nil>
}

// What is loaded is the file that has the sum, although another takes its place meanwhile.
func TestLoad(t *testing.T) {
	path, loads := filepath.Join(t.TempDir(), "file"), 0
	put := func(text string) {
		if err := errors.Join(os.WriteFile(path+".new", []byte(text), 0o666), os.Rename(path+".new", path)); err != nil {
			t.Fatal(err)
		}
	}
	put("old")
	read := func(path string) (string, error) {
		text, err := os.ReadFile(path)
		if loads++; loads == 1 {
			put("new")
		}
		return string(text), err
	}
	got, sum, err := Load(path, read)
	if want, _ := Sum(strings.NewReader("new")); err != nil || got != "new" || sum != want || loads != 2 {
		t.Errorf("loaded %d times: %q of the sum %s, %v", loads, got, sum, err)
	}
	if _, sum, err := Load(path+"s", read); sum != "" || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %s, %v", sum, err)
	}
}

// A file has the sum of its bytes; what cannot be read, or is no file, is an error without one.
func TestHash(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	text := strings.Repeat("line\n", 1<<16)
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	got, err := Hash(path)
	if want, _ := Sum(strings.NewReader(text)); err != nil || got != want {
		t.Errorf("%s, %v; want %s", got, err, want)
	}
	if got, err := Hash(path + "s"); got != "" || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %s, %v", got, err)
	}
	if got, err := Hash(filepath.Dir(path)); got != "" || err == nil {
		t.Errorf("a folder: %s, %v", got, err)
	}
	broken := errors.New("input/output error")
	if got, err := Sum(iotest.ErrReader(broken)); got != "" || err != broken {
		t.Errorf("what cannot be read: %s, %v", got, err)
	}
}
