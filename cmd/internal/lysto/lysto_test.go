package lysto

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"spdiff"
)

var _ spdiff.Source = (*Set)(nil)

// ruled returns the image of make_lysto_golden.py.
func ruled(n, first int) image {
	m := image{n, n, make([]byte, n*n*channels)}
	for k := range m.pix {
		i := first + k
		m.pix[k] = byte((7*i + i*i/5) % 251)
	}
	return m
}

// Scaled images are Pillow's, byte for byte.
func TestAsPillow(t *testing.T) {
	want, err := os.ReadFile(filepath.Join("testdata", "lanczos.bin"))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range [][2]int{{299, 16}, {37, 16}, {16, 37}, {5, 8}} {
		got := ruled(s[0], 0).scale(s[1])
		n := s[1] * s[1] * channels
		if got.h != s[1] || got.w != s[1] || !bytes.Equal(got.pix, want[:n]) {
			t.Errorf("%d pixels scaled to %d are others", s[0], s[1])
		}
		want = want[n:]
	}
	if len(want) > 0 {
		t.Error("there are more")
	}
}

func open(t testing.TB, name string, o Options) *Set {
	t.Helper()
	s, err := Open(filepath.Join("testdata", name+".h5"), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// Every image is a square of the whole one, scaled, with the class of its organ; places and squares depend on the seed.
func TestSet(t *testing.T) {
	for _, size := range []int{64, 1, Scaled} {
		s := open(t, "lysto", Options{Size: size, Seed: 3})
		if h, w, c := s.Shape(); s.Len() != 6 || h != size || w != size || c != 3 {
			t.Fatalf("%d images of %d×%d×%d", s.Len(), h, w, c)
		}
		for i, organ := range []int{0, 1, 2, 0, 2, 1} {
			x := make([]float32, size*size*3)
			class, err := s.Image(x, i)
			if err != nil || class != organ {
				t.Errorf("image %d has the class %d, %v; want %d", i, class, err, organ)
			}
			whole := ruled(16, 768*i).scale(Scaled)
			at, left := s.place(i)
			for k, v := range x {
				row, rest := k/(3*size), k%(3*size)
				if want := float32(whole.pix[((at+row)*Scaled+left)*3+rest])/127.5 - 1; v != want {
					t.Fatalf("image %d, number %d is %v, want %v", i, k, v, want)
				}
			}
		}
	}
	var seen [2][65]bool
	s := &Set{options: Options{Size: 64, Seed: 1}}
	for i := range 2000 {
		y, x := s.place(i)
		seen[0][y], seen[1][x] = true, true
	}
	if slices.Contains(seen[0][:], false) || slices.Contains(seen[1][:], false) {
		t.Error("there are places without a square")
	}
	one := *s
	one.options.Seed = 2
	if a, b := fmt.Sprint(s.place(7)), fmt.Sprint(one.place(7)); a == b {
		t.Errorf("the place of two seeds is %s", a)
	}
}

// A packed file with texts of variable length; several goroutines; the usual size.
func TestTexts(t *testing.T) {
	s := open(t, "texts", Options{})
	want := make([]float32, 64*64*3)
	if class, err := s.Image(want, 0); err != nil || class != 2 {
		t.Fatalf("the class is %d, %v", class, err)
	}
	var wait sync.WaitGroup
	for range 3 {
		wait.Go(func() {
			x := make([]float32, len(want))
			if _, err := s.Image(x, 0); err != nil || !slices.Equal(x, want) {
				t.Errorf("another image, %v", err)
			}
		})
	}
	wait.Wait()
}

// What is no such file is an error that names it.
func TestErrors(t *testing.T) {
	hdf5 := func(name string) string { return filepath.Join("..", "hdf5", "testdata", name+".h5") }
	for _, c := range []struct {
		path string
		size int
		want string
	}{
		{hdf5("latest"), 0, `no "x"`},
		{"lysto.go", 0, "no HDF5 file"},
		{"nothing.h5", 0, "nothing.h5"},
		{filepath.Join("testdata", "lysto.h5"), 129, "1 to 128"},
		{filepath.Join("testdata", "lysto.h5"), -1, "1 to 128"},
	} {
		if _, err := Open(c.path, Options{Size: c.size}); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), c.path) {
			t.Errorf("%s: %v; want an error with %q", c.path, err, c.want)
		}
	}
	if _, err := class("liver_1"); err == nil || !strings.Contains(err.Error(), "prostate") {
		t.Errorf("a liver: %v", err)
	}
}

func Example() {
	s, err := Open(filepath.Join("testdata", "lysto.h5"), Options{Size: 64, Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()
	h, w, c := s.Shape()
	class, err := s.Image(make([]float32, h*w*c), 2)
	fmt.Println(s.Len(), "images of", h, w, c, "— the third is of the", Organs[class], err)
	// Output: 6 images of 64 64 3 — the third is of the breast <nil>
}
