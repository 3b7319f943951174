package dataset

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"spdiff/tensor"
)

// Any argument is opened or is an error; and its name is one of a file.
func FuzzParse(f *testing.F) {
	for _, form := range Forms() {
		f.Add(form.Arg)
	}
	f.Add("images:C:\\x?size=64x48&channels=1")
	f.Add("crops:?n=1&n=2&scale=1e9")
	f.Add("npy:x?range=1e300,-1e300")
	f.Fuzz(func(t *testing.T, arg string) {
		a := parse(arg)
		if form, ok := lookup(a.kind); ok {
			if o, err := form.options(a.options); err == nil && (o.h < 0 || o.h > maxSize || o.n < 1 || !(o.scale > 0)) {
				t.Fatalf("%q: %+v", arg, o)
			}
		}
		if name := Name(arg); name == "" || strings.ContainsAny(name, "/\\:. ") {
			t.Fatalf("%q is named %q", arg, name)
		}
	})
}

// An argument over small data, of any options, is opened and read, or is an error.
func FuzzArgument(f *testing.F) {
	dir := f.TempDir()
	for name, content := range map[string]string{"a.png": grey(3, 2, 7), "b.png": grey(4, 4, 0)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			f.Fatal(err)
		}
	}
	x := filepath.Join(f.TempDir(), "x.npy")
	if err := os.WriteFile(x, []byte(numpy(f, tensor.From([]float32{-1, 1}, 2, 1, 1))), 0o644); err != nil {
		f.Fatal(err)
	}
	for _, options := range []string{"size=2", "size=2&n=3000000000", "n=-1", "size=99999999999", "size=1x-1", "scale=1e308", "scale=16&size=1", "seed=18446744073709551615&size=1",
		"range=0,255", "range=-1e30,1e30", "range=254,255", "without=a.png&size=1", "without=a.png&without=b.png", "channels=1&size=300x200", "images=x&labels=y", "%", "&&="} {
		f.Add(0, options)
		f.Add(1, options)
		f.Add(2, options)
	}
	f.Fuzz(func(t *testing.T, kind int, options string) {
		arg := []string{"images:" + dir, "crops:" + dir, "npy:" + x}[(kind%3+3)%3]
		s, err := Open(t.Context(), arg+"?"+options)
		if err != nil {
			if text := strings.ReplaceAll(err.Error(), arg, "ARG"); strings.ContainsFunc(text, func(r rune) bool { return r != '\n' && !strconv.IsPrint(r) }) || len(text) > 8192 {
				t.Fatalf("%q", text)
			}
			return
		}
		h, w, c := s.Shape()
		if _, err := IdentityOf(s); err != nil {
			t.Fatal(err)
		}
		dst := make([]float32, h*w*c)
		for _, i := range []int{0, s.Len() - 1} {
			if _, err := s.Image(dst, i); err != nil && !strings.Contains(err.Error(), "range") {
				t.Fatal(err)
			}
		}
		Notes(s)
	})
}

// A file of any bytes is recognised, opened and read, or is an error.
func FuzzOpen(f *testing.F) {
	f.Add([]byte("0 1\n1 0\n"))
	f.Add([]byte(gzipped("0 1\n1 0\n")))
	f.Add([]byte(idxFile("\x01\x02", 2, 1, 1)))
	f.Add([]byte(numpy(f, tensor.From([]float32{-1, 1}, 2, 1, 1))))
	f.Add([]byte(zipped(f, map[string]string{"a.png": grey(2, 1, 7), "dataset.json": `{"labels": [["a.png", 1]]}`})))
	f.Add([]byte(zipped(f, map[string]string{"a.amat": "0 1\n"})))
	f.Add([]byte(zipped(f, map[string]string{"a.csv": "0,1,2,3\n"})))
	f.Add([]byte(zipped(f, map[string]string{"x.npy": numpy(f, tensor.From([]float32{-1, 1}, 2, 1, 1))})))
	path := filepath.Join(f.TempDir(), "file")
	f.Fuzz(func(t *testing.T, b []byte) {
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
		s, err := Open(t.Context(), path)
		if err != nil {
			return
		}
		h, w, c := s.Shape()
		if s.Len() < 1 || h < 1 || w < 1 || c < 1 {
			t.Fatalf("%d images of %d×%d×%d", s.Len(), h, w, c)
		}
		x := make([]float32, h*w*c)
		if class, err := s.Image(x, s.Len()-1); err == nil {
			for _, v := range x {
				if !(v >= -1 && v <= 1) || class < 0 {
					t.Fatalf("a pixel of %v of class %d", v, class)
				}
			}
		}
	})
}
