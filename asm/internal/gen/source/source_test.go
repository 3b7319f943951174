package source

import (
	"os"
	"path/filepath"
	"testing"
)

const text = `package asm

import "unsafe"

const half = 1 << 3 / 16.0

var poly = [...]float32{half, -2}

type args struct {
	flag bool
	z    unsafe.Pointer
	x    [3]int
	s    []float32
	last int32
}

func f() { return 7 } // bodies are not read
`

// Offsets are those of the compiler, with the gaps that it leaves; constants are evaluated; files of other machines are left out.
func TestSource(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"a_amd64.go": text, "a_arm64.go": "package asm\n\ntype args int\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	s, err := Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	for field, want := range map[string]int{"flag": 0, "z": 8, "x": 16, "s": 40, "last": 64} {
		if got := s.Offset("args", field); got != want {
			t.Errorf("%s is at %d, want %d", field, got, want)
		}
	}
	if n := s.Size("args"); n != 72 {
		t.Errorf("the struct has %d bytes, want 72", n)
	}
	if s.Number("half") != 0.5 || len(s.List("poly")) != 2 || s.List("poly")[0] != 0.5 || s.List("poly")[1] != -2 {
		t.Errorf("half is %v, poly %v", s.Number("half"), s.List("poly"))
	}
	for what, look := range map[string]func(){
		"a struct": func() { s.Struct("none") }, "a field": func() { s.Offset("args", "none") },
		"a number": func() { s.Number("poly") }, "a list": func() { s.List("half") },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s that is not there: no panic", what)
				}
			}()
			look()
		}()
	}
}
