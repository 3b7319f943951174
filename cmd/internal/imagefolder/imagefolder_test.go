package imagefolder

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"spdiff/cmd/internal/allocs"
	"spdiff/cmd/internal/packed"
)

// files are files by name.
func files(t testing.TB, of map[string]string) fs.FS {
	t.Helper()
	m := fstest.MapFS{}
	for name, content := range of {
		m[name] = &fstest.MapFile{Data: []byte(content)}
	}
	return m
}

func grey(w, h int, v uint8) string {
	m := image.NewGray(image.Rect(0, 0, w, h))
	for i := range m.Pix {
		m.Pix[i] = v
	}
	return encoded(m)
}

func encoded(m image.Image) string {
	var b bytes.Buffer
	png.Encode(&b, m)
	return b.String()
}

func jpg(w, h int, c color.Color) string {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range w * h {
		m.Set(i%w, i/w, c)
	}
	var b bytes.Buffer
	jpeg.Encode(&b, m, nil)
	return b.String()
}

// opened returns the first value and the class of each image.
func opened(t *testing.T, of fs.FS, o Options) (*Set, []float32, []int) {
	t.Helper()
	s, err := New(t.Context(), of, "NAME", o)
	if err != nil {
		t.Fatal(err)
	}
	h, w, c := s.Shape()
	x := make([]float32, h*w*c)
	var first []float32
	var class []int
	for i := range s.Len() {
		k, err := s.Image(x, i)
		if err != nil {
			t.Fatal(err)
		}
		first, class = append(first, x[0]), append(class, k)
	}
	return s, first, class
}

// The images are those of all folders, sorted by path; what is hidden or is no image is left out.
func TestNames(t *testing.T) {
	s, first, class := opened(t, files(t, map[string]string{
		"b.png": grey(2, 2, 255), "a/z.PNG": grey(2, 2, 0), "a/deep/x.png": grey(2, 2, 51),
		".hidden.png": "x", ".git/y.png": "x", "__MACOSX/._b.png": "x", "readme.txt": "x", "png": "x", "a/c.npy": "x",
	}), Options{})
	if want := []string{"a/deep/x.png", "a/z.PNG", "b.png"}; !slices.Equal(s.Names, want) {
		t.Errorf("names %v, want %v", s.Names, want)
	}
	if !slices.Equal(first, []float32{-0.6, -1, 1}) || !slices.Equal(class, []int{0, 0, 0}) {
		t.Errorf("pixels %v of classes %v", first, class)
	}
}

// A file of DICOM that no extension names, as scanners give them, is an image; their index is none, nor is what is hidden.
func TestScans(t *testing.T) {
	scan := scanned(t, "explicit_u12")
	of := files(t, map[string]string{"s/IM000001": scan, "s/1.2.840.1": scan, "s/dicomdir": scan, "s/notes": "x", "s/data.7": "x", ".h/IM2": scan, "s/.IM3": scan})
	s, _, _ := opened(t, of, Options{})
	if want := []string{"s/1.2.840.1", "s/IM000001"}; !slices.Equal(s.Names, want) {
		t.Errorf("names %v, want %v", s.Names, want)
	}
	if notes := strings.Join(s.Notes(t.Context()), "\n"); !strings.Contains(notes, `left out, as files of other kinds: 2 without an extension, 1 ".7"`) {
		t.Error(notes)
	}
	for name, want := range map[string]bool{"s/IM000001": true, "s/1.2.840.1": true, "s/dicomdir": false, "s/notes": false, ".h/IM2": false, "s/.IM3": false, "s": false, "gone": false, "a.png": true} {
		if is, _ := Is(of, name); is != want {
			t.Errorf("%s is an image: %v", name, !want)
		}
	}
}

// scanned returns a file of DICOM.
func scanned(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile("../dicom/testdata/" + name + ".dcm")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Contents decide what a file is, not its name; grey and colour together are colour, or what is wanted.
func TestChannels(t *testing.T) {
	mixed := files(t, map[string]string{"a.png": jpg(8, 8, color.White), "b.jpg": grey(8, 8, 0), "c.jpeg": grey(8, 8, 255)})
	if s, first, _ := opened(t, mixed, Options{}); !slices.Equal(first, []float32{1, -1, 1}) || s.options.Channels != 3 {
		t.Errorf("%v in %d channels", first, s.options.Channels)
	}
	if s, first, _ := opened(t, mixed, Options{Channels: 1}); !slices.Equal(first, []float32{1, -1, 1}) || s.options.Channels != 1 {
		t.Errorf("%v in %d channels", first, s.options.Channels)
	}
}

// Classes are those of dataset.json, else of the outermost folders: by their numbers, or their order.
func TestClasses(t *testing.T) {
	p := grey(1, 1, 0)
	for _, c := range []struct {
		name  string
		files map[string]string
		want  []int
		n     int
	}{
		{"words", map[string]string{"dog/1.png": p, "cat/1.png": p, "cat/in/2.png": p}, []int{0, 0, 1}, 2},
		{"numbers", map[string]string{"10/1.png": p, "2/1.png": p, "3/1.png": p}, []int{10, 2, 3}, 11},
		{"words in a folder", map[string]string{"pets/all/dog/1.png": p, "pets/all/cat/1.png": p, "pets/all/cat/in/2.png": p}, []int{0, 0, 1}, 2},
		{"alike but not the same", map[string]string{"pets/dog/1.png": p, "pet/dog/1.png": p}, []int{0, 1}, 2},
		{"dataset.json in the folder", map[string]string{"x/a/1.png": p, "x/b/2.png": p, "x/dataset.json": `{"labels": [["b/2.png", 0], ["a/1.png", 5]]}`}, []int{5, 0}, 6},
		{"one in a folder", map[string]string{"3/1.png": p}, []int{0}, 0},
		{"one folder", map[string]string{"3/1.png": p, "3/2.png": p}, []int{0, 0}, 0},
		{"some in none", map[string]string{"3/1.png": p, "2/2.png": p, "x.png": p}, []int{0, 0, 0}, 0},
		{"a number that is too large", map[string]string{"9999999/1.png": p, "2/1.png": p}, []int{0, 1}, 2},
		{"dataset.json", map[string]string{"a/1.png": p, "b/2.png": p, "dataset.json": `{"labels": [["b/2.png", 0], ["a/1.png", 5], ["gone", 9]]}`}, []int{5, 0}, 6},
		{"null", map[string]string{"a/1.png": p, "b/2.png": p, "dataset.json": `{"labels": null}`}, []int{0, 1}, 2},
	} {
		if s, _, class := opened(t, files(t, c.files), Options{}); !slices.Equal(class, c.want) || s.Classes != c.n {
			t.Errorf("%s: classes %v of %d, want %v of %d", c.name, class, s.Classes, c.want, c.n)
		}
	}
}

// What is wrong with a set is an error at the beginning, with the file's name.
func TestErrors(t *testing.T) {
	p := grey(2, 2, 0)
	with := func(json string) map[string]string { return map[string]string{"a.png": p, "dataset.json": json} }
	for want, of := range map[string]map[string]string{
		"NAME: there are no images; they are files named .png, .jpg, .jpeg, .jpe, .jfif, .tif, .tiff, .bmp, .gif, .webp, .dcm, or DICOM without an extension; there is 1 \".txt\"": {"a.txt": "x"},
		"NAME: \"b.png\": it is none of the pictures that are read":              {"a.png": p, "b.png": "hello"},
		"NAME: \"b.png\" is 2 rows × 3 columns and \"a.png\" 2 rows × 2 columns": {"a.png": p, "b.png": grey(3, 2, 0)},
		"NAME: \"b.png\": PNG: unexpected EOF":                                   {"a.png": p, "b.png": p[:20]},
		"\"dataset.json\": \"a.png\" has no label":                               with(`{"labels": []}`),
		"\"dataset.json\": \"a.png\" comes twice":                                with(`{"labels": [["a.png", 1], ["a.png", 2]]}`),
		"an entry of the labels is no [\"path\", class]":                         with(`{"labels": [["a.png"]]}`),
		"the class \"[\"":           with(`{"labels": [["a.png", [1,0]]]}`),
		"the class \"-1\"":          with(`{"labels": [["a.png", -1]]}`),
		"the class \"1.5\"":         with(`{"labels": [["a.png", 1.5]]}`),
		"the class \"1048576\"":     with(`{"labels": [["a.png", 1048576]]}`),
		"the path \"7\" is no text": with(`{"labels": [[7, 7]]}`),
		"something follows":         with(`{"labels": []} {}`),
		"unexpected EOF":            with(`{"labels": [`),
	} {
		if _, err := New(t.Context(), files(t, of), "NAME", Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want an error with %q", err, want)
		}
	}
	// What goes wrong later is an error of the image.
	m := files(t, map[string]string{"a.png": p, "b.png": p}).(fstest.MapFS)
	s, err := New(t.Context(), m, "NAME", Options{})
	if err != nil {
		t.Fatal(err)
	}
	for want, content := range map[string]string{"NAME: \"b.png\": it has changed to 2 rows × 3 columns": grey(3, 2, 0), "NAME: \"b.png\": PNG: unexpected EOF": p[:len(p)-8]} {
		m["b.png"] = &fstest.MapFile{Data: []byte(content)}
		if _, err := s.Image(make([]float32, 4), 1); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want an error with %q", err, want)
		}
	}
}

// Links within the folder are followed, and none out of it: neither of images, nor of folders, nor of labels.
func TestNothingOutside(t *testing.T) {
	outside, inside := t.TempDir(), t.TempDir()
	for path, content := range map[string]string{filepath.Join(outside, "secret.png"): grey(1, 1, 9), filepath.Join(outside, "dataset.json"): `{"labels": [["real.png", 1]]}`,
		filepath.Join(inside, "real.png"): grey(1, 1, 0)} {
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	link := func(to, name string) {
		if err := os.Symlink(to, filepath.Join(inside, name)); err != nil {
			t.Skipf("SKIPPED: links out of a folder: %v", err)
		}
	}
	root, err := os.OpenRoot(inside)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	link("real.png", "twin.png")
	if s, _, _ := opened(t, root.FS(), Options{}); !slices.Equal(s.Names, []string{"real.png", "twin.png"}) {
		t.Errorf("%v", s.Names)
	}
	for name, to := range map[string]string{"out.png": "secret.png", labelsFile: labelsFile, "folder": "", "nowhere": "none"} {
		link(filepath.Join(outside, to), name)
		if _, err := New(t.Context(), root.FS(), "NAME", Options{}); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%q: a link that leads out of the data", name)) ||
			!strings.Contains(err.Error(), "cp -rL FOLDER COPY") {
			t.Errorf("a link %s out of the folder: %v", name, err)
		}
		os.Remove(filepath.Join(inside, name))
	}
}

// Images are the same for several goroutines at once, out of a folder and an archive.
func TestConcurrent(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	of := map[string]string{}
	for i := range 16 {
		of[string(rune('a'+i))+".png"] = grey(9, 9, uint8(i*15))
	}
	z, err := packed.Zip(bytes.NewReader(zipped(of)), int64(len(zipped(of))))
	if err != nil {
		t.Fatal(err)
	}
	for _, held := range []fs.FS{files(t, of), z} {
		s, want, _ := opened(t, held, Options{})
		var wg sync.WaitGroup
		for k := range 8 {
			wg.Go(func() {
				x := make([]float32, 81)
				for i := range 32 {
					j := (i*k + i) % s.Len()
					if _, err := s.Image(x, j); err != nil || x[80] != want[j] {
						t.Errorf("image %d is %v, %v", j, x[80], err)
					}
				}
			})
		}
		wg.Wait()
	}
}

// zipped returns an archive of files, in the order of their names.
func zipped(of map[string]string) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	names := make([]string, 0, len(of))
	for name := range of {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		w, _ := z.Create(name)
		w.Write([]byte(of[name]))
	}
	z.Close()
	return b.Bytes()
}

// A whole archive, of images and labels.
func FuzzZip(f *testing.F) {
	p := grey(2, 2, 7)
	f.Add(zipped(map[string]string{"a/1.png": p, "b/2.png": p}))
	f.Add(zipped(map[string]string{"a/1.png": p, "dataset.json": `{"labels": [["a/1.png", 3]]}`}))
	f.Add(zipped(map[string]string{"a.jpg": jpg(3, 2, color.White)}))
	f.Fuzz(func(t *testing.T, b []byte) {
		size := int64(len(b))
		allocs.Bound(t, 256<<20, func() {
			z, err := packed.Zip(bytes.NewReader(b), size)
			if err != nil {
				return
			}
			s, err := New(t.Context(), z, "NAME", Options{H: 4, W: 3})
			if err != nil {
				return
			}
			_, _, c := s.Shape()
			if class, err := s.Image(make([]float32, 12*c), 0); err == nil && (class < 0 || class > maxClass) {
				t.Fatalf("class %d", class)
			}
		})
	})
}

func FuzzLabels(f *testing.F) {
	f.Add([]byte(`{"labels": [["a.png", 3], ["b.png", 0]]}`))
	f.Add([]byte(`{"labels": null}`))
	f.Add([]byte(`{"labels": [["a.png", [0, 1]]], "more": {}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		allocs.Bound(t, 64*int64(len(b))+1<<20, func() {
			class, err := []int(nil), error(nil)
			table := newTable([]string{"a.png", "b.png"})
			err = table.read(context.Background(), bytes.NewReader(b))
			class = table.class
			if err == nil && class != nil && (len(class) != 2 || class[0] < 0 || class[0] > maxClass) {
				t.Fatalf("classes %v", class)
			}
		})
	})
}
