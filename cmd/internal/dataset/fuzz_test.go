package dataset

import (
	"os"
	"path/filepath"
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

// A file of any bytes is recognised, opened and read, or is an error.
func FuzzOpen(f *testing.F) {
	f.Add([]byte("0 1\n1 0\n"))
	f.Add([]byte(gzipped("0 1\n1 0\n")))
	f.Add([]byte(idxFile("\x01\x02", 2, 1, 1)))
	f.Add([]byte(numpy(f, tensor.From([]float32{-1, 1}, 2, 1, 1))))
	f.Add([]byte(zipped(f, map[string]string{"a.png": grey(2, 1, 7), "dataset.json": `{"labels": [["a.png", 1]]}`})))
	f.Add([]byte(zipped(f, map[string]string{"a.amat": "0 1\n"})))
	f.Add([]byte(zipped(f, map[string]string{"x.npy": numpy(f, tensor.From([]float32{-1, 1}, 2, 1, 1))})))
	path := filepath.Join(f.TempDir(), "file")
	f.Fuzz(func(t *testing.T, b []byte) {
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
		s, err := Open(path)
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
