package dataset

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"spdiff"
	"spdiff/cmd/internal/cli"
	"spdiff/tensor"
	"spdiff/tensor/npy"
)

// write writes files into a new folder and returns it.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func gzipped(s string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write([]byte(s))
	z.Close()
	return b.String()
}

func zipped(t testing.TB, files map[string]string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, content := range files {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		w.Write([]byte(content))
	}
	z.Close()
	return b.String()
}

func idxFile(data string, size ...uint32) string {
	b := []byte{0, 0, 8, byte(len(size))}
	for _, d := range size {
		b = binary.BigEndian.AppendUint32(b, d)
	}
	return string(b) + data
}

// grey returns a PNG of w×h pixels of one grey.
func grey(w, h int, v uint8) string {
	m := image.NewGray(image.Rect(0, 0, w, h))
	for i := range m.Pix {
		m.Pix[i] = v
	}
	var b bytes.Buffer
	png.Encode(&b, m)
	return b.String()
}

// red returns a PNG of w×h red pixels.
func red(w, h int) string {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range w * h {
		m.Set(i%w, i/w, color.RGBA{255, 0, 0, 255})
	}
	var b bytes.Buffer
	png.Encode(&b, m)
	return b.String()
}

func numpy(t testing.TB, x *tensor.Tensor) string {
	t.Helper()
	var b bytes.Buffer
	if err := npy.Encode(&b, x); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// cutScan returns half of a file of DICOM.
func cutScan(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("../dicom/testdata/explicit_u12.dcm")
	if err != nil {
		t.Fatal(err)
	}
	return string(b[:len(b)/2])
}

// damagedZip returns an archive with a file of another checksum than it says.
func damagedZip(t *testing.T, name string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.CreateRaw(&zip.FileHeader{Name: name, CRC32: 1, CompressedSize64: 1, UncompressedSize64: 1})
	if err != nil {
		t.Fatal(err)
	}
	w.Write([]byte("x"))
	z.Close()
	return b.String()
}

// fixtures are small sets of every format; each begins with an image of four pixels of −1, of class 1.
func fixtures(t *testing.T) string {
	images, labels := idxFile("\x00\x00\x00\x00\xff\xff\xff\xff", 2, 2, 2), idxFile("\x01\x02", 2)
	rows := "0 0 0.0 0 1.0\n1 1 1 1 2\n"
	table := "label,pixel0,pixel1,pixel2,pixel3\n1,0,0,0,0\n2,255,255,255,255\n"
	x, y := tensor.New(2, 2, 2, 1), tensor.From([]float32{1, 2}, 2)
	for i := range 4 {
		x.Data()[i], x.Data()[4+i] = -1, 1
	}
	folders := map[string]string{"0/z.png": grey(2, 2, 9), "1/a.png": grey(2, 2, 0), "2/b.PNG": grey(2, 2, 255)}
	labelled := map[string]string{"x/1.png": grey(2, 2, 0), "x/2.png": grey(2, 2, 255),
		"dataset.json": `{"labels": [["x/1.png", 1], ["x/2.png", 2]]}`}
	arrays := map[string]string{"images.npy": numpy(t, x), "labels.npy": numpy(t, y)}
	files := map[string]string{
		"mnist/train-images-idx3-ubyte.gz": gzipped(images), "mnist/train-labels-idx1-ubyte": labels,
		"raw/train-images-idx3-ubyte": images, "raw/train-labels-idx1-ubyte": labels,
		"kaggle/train-images.idx3-ubyte": images, "kaggle/train-labels.idx1-ubyte.gz": gzipped(labels),
		"kaggle/train-images-idx3-ubyte/train-images-idx3-ubyte": images, "kaggle/train-labels.idx1-ubyte/readme": "a folder of a file's name",
		"kaggle/._train-images.idx3-ubyte": "of macOS",
		"rotated.amat":                     rows, "rotated.txt.gz": gzipped(rows),
		"rotated.zip": zipped(t, map[string]string{"set_train_valid.amat": rows, "set_test.amat": "9 9"}),
		"table.csv":   table, "table.zip": zipped(t, map[string]string{"train.csv": table, "test.csv": "a,b,c,d\n", "s.csv": "no"}), "tables/train.csv": table,
		"labelled.zip": zipped(t, labelled), "arrays.npz": zipped(t, arrays), "array.npy": numpy(t, x),
		"finder2.zip":    zipped(t, map[string]string{"images.npy": arrays["images.npy"], "labels.npy": arrays["labels.npy"], "__MACOSX/._x.npy": "\x00\x05"}),
		"finder.zip":     zipped(t, map[string]string{"mnist.csv": table, "__MACOSX/._mnist.csv": "\x00\x05", "__MACOSX/._x.npy": "\x00\x05", ".a.amat": "x"}),
		"what?n=3/1.png": grey(2, 2, 0), "what?n=3/2.png": grey(2, 2, 255),
		"mixed/0/1.png": grey(2, 2, 0), "mixed/1/2.png": red(2, 2),
		"sizes/1.png": grey(2, 2, 0), "sizes/2.png": grey(6, 4, 255),
		"other/readme": "hello", "empty.zip": zipped(t, nil), "cut/s/IM1": cutScan(t), "damaged.zip": damagedZip(t, "IM1"),
	}
	for name, content := range labelled {
		files["labelled/"+name] = content
	}
	for name, content := range folders {
		files["folders/"+name] = content
	}
	return write(t, files)
}

// Every format is recognised by what it holds, or by its name before a colon, and gives the same images.
func TestOpen(t *testing.T) {
	dir := fixtures(t)
	for _, c := range []struct {
		arg        string
		n, channel int
		class      int
		about      string
	}{
		{"mnist:DIR/mnist", 2, 1, 1, "IDX images, DIR/mnist"},
		{"DIR/mnist", 2, 1, 1, "IDX"},
		{"DIR/raw", 2, 1, 1, "IDX"},
		{"DIR/raw/train-images-idx3-ubyte", 2, 1, 1, "IDX"},
		{"DIR/kaggle/train-images.idx3-ubyte", 2, 1, 1, "IDX"},
		{"DIR/kaggle", 2, 1, 1, "IDX images, DIR/kaggle"},
		{"DIR/rotated.amat", 2, 1, 1, "rotated MNIST, DIR/rotated.amat"},
		{"amat:DIR/rotated.txt.gz", 2, 1, 1, "rotated"},
		{"DIR/rotated.txt.gz", 2, 1, 1, "rotated"},
		{"DIR/rotated.zip", 2, 1, 1, `rotated.zip, "set_train_valid.amat"`},
		{"DIR/table.csv", 2, 1, 1, "table of pixels, DIR/table.csv"},
		{"csv:DIR/table.zip", 2, 1, 1, `table.zip, "train.csv"`},
		{"DIR/table.zip", 2, 1, 1, `table.zip, "train.csv"`},
		{"DIR/finder2.zip", 2, 1, 1, "finder2.zip"},
		{"DIR/finder.zip", 2, 1, 1, `finder.zip, "mnist.csv"`},
		{"DIR/labelled.zip", 2, 1, 1, "labelled.zip, classes 0 to 2"},
		{"DIR/labelled", 2, 1, 1, "classes 0 to 2"},
		{"images:DIR/labelled?channels=3", 2, 3, 1, "classes 0 to 2"},
		{"DIR/what?n=3", 2, 1, 0, "pictures, DIR/what?n=3"},
		{"DIR/mixed", 2, 3, 0, "classes 0 to 1"},
		{"DIR/mixed?channels=1", 2, 1, 0, "classes 0 to 1"},
		{"DIR/sizes?size=2", 2, 1, 0, "pictures"},
		{"DIR/arrays.npz", 2, 1, 1, "numpy array, DIR/arrays.npz, classes 0 to 2"},
		{"DIR/array.npy", 2, 1, 0, "numpy"},
		{"npy:DIR/array.npy?range=-1,1", 2, 1, 0, "numpy"},
		{"crops:DIR/labelled/x?size=2&n=7", 7, 1, 0, "random crops of 2 images"},
	} {
		s, err := Open(t.Context(), strings.ReplaceAll(c.arg, "DIR", dir))
		if err != nil {
			t.Errorf("%s: %v", c.arg, err)
			continue
		}
		if h, w, ch := s.Shape(); s.Len() != c.n || h != 2 || w != 2 || ch != c.channel {
			t.Errorf("%s: %d images of %d×%d×%d", c.arg, s.Len(), h, w, ch)
			continue
		}
		if about := strings.ReplaceAll(Describe(s), dir, "DIR"); !strings.Contains(about, c.about) {
			t.Errorf("%s is %q, want %q in it", c.arg, about, c.about)
		}
		if strings.HasPrefix(c.arg, "crops") {
			continue
		}
		x := make([]float32, 4*c.channel)
		class, err := s.Image(x, 0)
		if err != nil || class != c.class || x[0] != -1 || x[len(x)-1] != -1 {
			t.Errorf("%s: image 0 is %v of class %d, %v", c.arg, x, class, err)
		}
		if class, err = s.Image(x, 1); err != nil || x[0] != 1 && !strings.Contains(c.arg, "mixed") {
			t.Errorf("%s: image 1 is %v of class %d, %v", c.arg, x, class, err)
		}
	}
}

func TestDigits(t *testing.T) {
	s, err := Open(t.Context(), "digits")
	if err != nil || s.Len() != 60_000 || Describe(s) != "generated digits" {
		t.Errorf("%v, %v", s, err)
	}
	if s := spdiff.Images(tensor.New(1, 2, 2, 1), nil); Describe(s) == "" {
		t.Error("no description of another source")
	}
}

// What cannot be opened says what is wrong with it, and what is not recognised where the list is of what is.
func TestErrors(t *testing.T) {
	dir := fixtures(t)
	for arg, want := range map[string]string{
		"":                                "there is no such file",
		"DIR/none":                        "there is no such file",
		"DIR/other":                       "not recognised",
		"DIR/other/readme":                "not recognised",
		"DIR/empty.zip":                   "not recognised",
		"mnist:DIR/none":                  "neither train-images-idx3-ubyte nor",
		"mnist:":                          "write mnist:FOLDER",
		"digits:8":                        "write digits",
		"cells?n=8":                       `cells has no option "n"`,
		"digits?n=3":                      `digits has no option "n"`,
		"DIR/mnist?size=64":               `mnist has no option "size"`,
		"DIR/sizes":                       `"2.png" is 4 rows × 6 columns and "1.png" 2 rows × 2 columns; images of one size are wanted`,
		"DIR/sizes?size=0":                "it must be a number of pixels from 1",
		"DIR/sizes?size=2&size=3":         "twice",
		"DIR/sizes?channels=2":            "it must be 1 or 3",
		"DIR/sizes?%zz":                   "invalid URL escape",
		"crops:DIR/sizes?size=5":          "no crop of 5 rows × 5 columns fits: ?size=2 fits them all",
		"crops:DIR/sizes?scale=0":         "above 0",
		"crops:DIR/sizes?scale=nan":       "above 0",
		"crops:DIR/sizes?n=0":             "from 1",
		"crops:DIR/sizes?n=3000000000":    "a number from 1 to 16777216",
		"DIR/sizes?size=4097":             "a number of pixels from 1 to 4096",
		"DIR/sizes?size=2&range=0,70000":  "numbers of pictures are whole, from 0 to 255 or to 65535",
		"DIR/arrays.npz?images=x":         "there is no array \"x\" for the images; there are \"images\" 2×2×2×1",
		"/dev/null":                       "not a regular file, nor a folder",
		"crops:DIR/sizes?seed=-1":         "not negative",
		"DIR/array.npy?range=1,1":         "two numbers LOW,HIGH",
		"images:DIR/array.npy":            "not a valid zip file",
		"npy:DIR/rotated.amat":            "does not begin as a .npy file",
		"amat:DIR/array.npy":              "row 1",
		"amat:DIR/labelled.zip":           "there are 0 .amat files",
		"images:DIR/other":                "there are no images",
		"DIR/cut":                         `-data 'DIR/cut?without=s%2FIM1' leaves it out`,
		"DIR/damaged.zip":                 `not recognised (DIR/damaged.zip: there are no images`,
		"images:DIR/damaged.zip":          `could not be looked at: "IM1" (the first: zip: checksum error)`,
		"DIR/tables":                      `not recognised (a folder; name a file in it, as "DIR/tables/train.csv")`,
		"DIR/sizes/1.png":                 "not recognised (a single picture: name the folder that it is in",
		"amat:DIR/rotated.amat?range=0,1": "no option",
	} {
		_, err := Open(t.Context(), strings.ReplaceAll(arg, "DIR", dir))
		if err == nil || !strings.Contains(strings.ReplaceAll(err.Error(), dir, "DIR"), want) {
			t.Errorf("%s: %v; want an error with %q", arg, err, want)
		}
		if err != nil && strings.HasSuffix(err.Error(), "\n") {
			t.Errorf("%s: the error ends in a new line: %q", arg, err)
		}
		if strings.Contains(want, "not recognised") || strings.Contains(want, "no such file") {
			if err == nil || !strings.HasSuffix(err.Error(), "; -h lists what there is") {
				t.Errorf("%s: %v; it does not say where the list is", arg, err)
			}
		}
	}
}

// The error of images of different sizes gives arguments that open, with a size for each kind, and keep the options.
func TestOneSize(t *testing.T) {
	dir := write(t, map[string]string{"a.png": grey(90, 90, 7), "b.png": grey(4, 4, 7), "icon.png": grey(20, 30, 7)})
	for _, kind := range []string{"", "images:"} {
		_, err := Open(t.Context(), kind+dir+"?range=0,200&without=b.png")
		if err == nil {
			t.Fatal("images of different sizes open")
		}
		options := "&range=0,200&without=b.png"
		args := advised(err.Error())
		if want := []string{"images:" + dir + "?size=64" + options, "crops:" + dir + "?size=16" + options}; !slices.Equal(args, want) {
			t.Fatalf("%v: %q, want %q", err, args, want)
		}
		for _, arg := range args {
			if _, err := Open(t.Context(), arg); err != nil {
				t.Errorf("%s: %v", arg, err)
			}
		}
	}
}

// advised returns the arguments of -data that lines of their own advise, in what a person sees of a message.
func advised(text string) (args []string) {
	for line := range strings.Lines(cli.Brief(text)) {
		if rest, ok := strings.CutPrefix(line, "    -data "); ok {
			quote := cli.Quoted(" ")[:1]
			arg, _, _ := strings.Cut(strings.TrimPrefix(rest, quote), quote)
			args = append(args, arg)
		}
	}
	return args
}

// What is generated needs no path.
func TestGenerated(t *testing.T) {
	for arg, want := range map[string][4]int{"digits": {60_000, 28, 28, 1}, "cells": {20_000, 64, 64, 3}} {
		s, err := Open(t.Context(), arg)
		if err != nil {
			t.Fatal(err)
		}
		if h, w, c := s.Shape(); [4]int{s.Len(), h, w, c} != want || Describe(s) != "generated "+arg || Name(arg) != arg {
			t.Errorf("%s: %q, %d images of %d×%d×%d, named %s", arg, Describe(s), s.Len(), h, w, c, Name(arg))
		}
	}
}

// What a set is called has no character that a terminal would obey.
func TestDescriptionsAreQuoted(t *testing.T) {
	dir := write(t, map[string]string{"\x1b[31m.csv": "0,1,2,3\n", "\x1b[31m.amat": "0 0 0 0 1\n", "\x1b[31m/1.png": grey(2, 2, 0)})
	for _, name := range []string{"\x1b[31m.csv", "\x1b[31m.amat", "\x1b[31m"} {
		s, err := Open(t.Context(), filepath.Join(dir, name))
		if err != nil {
			t.Error(err)
		} else if text := Describe(s); strings.Contains(text, "\x1b") || !strings.Contains(text, `\x1b[31m`) {
			t.Errorf("%q", text)
		}
	}
}

// What is found by reading a folder is found by recognising it: through links to where nothing is looked for, too.
func TestLinkedFolders(t *testing.T) {
	dir := write(t, map[string]string{".store/cats/a.png": grey(2, 2, 7), ".store/dogs/b.png": grey(2, 2, 7)})
	if _, err := Open(t.Context(), dir); err == nil || !strings.Contains(err.Error(), "not recognised") || strings.Contains(err.Error(), "nil") {
		t.Errorf("hidden alone: %v", err)
	}
	for _, name := range []string{"cats", "dogs"} {
		if err := os.Symlink(filepath.Join(".store", name), filepath.Join(dir, name)); err != nil {
			t.Skipf("SKIPPED: links within a folder: %v", err)
		}
	}
	if s, err := Open(t.Context(), dir); err != nil || s.Len() != 2 || strings.Join(ClassNames(s), " ") != "cats dogs" {
		t.Errorf("%v, %v", s, err)
	}
}

// DICOM is recognised in files that no extension names, of a folder and of an archive, and takes a range below 0.
func TestScans(t *testing.T) {
	b, err := os.ReadFile("../dicom/testdata/implicit_s16.dcm")
	if err != nil {
		t.Fatal(err)
	}
	scans := map[string]string{"s/IM000001": string(b), "s/1.2.840.1": string(b)}
	dir := write(t, scans)
	packed := filepath.Join(write(t, map[string]string{"s.zip": zipped(t, scans)}), "s.zip")
	for _, arg := range []string{dir, packed, dir + "?range=-32768,32767", packed + "?range=-32768,32767"} {
		s, err := Open(t.Context(), arg)
		if err != nil {
			t.Errorf("%s: %v", arg, err)
			continue
		}
		x := make([]float32, 30)
		if _, err := s.Image(x, 1); err != nil || s.Len() != 2 || (len(Notes(s)) > 0) == strings.Contains(arg, "range") {
			t.Errorf("%s: %d images, notes %q, %v", arg, s.Len(), Notes(s), err)
		}
	}
	if _, err := Open(t.Context(), filepath.Join(dir, "s", "IM000001")); err == nil || !strings.Contains(err.Error(), "a single picture") {
		t.Errorf("one of them: %v", err)
	}
}

// A folder is not left: a link out of it is an error.
func TestLinkOut(t *testing.T) {
	dir := write(t, map[string]string{"secret.png": grey(2, 2, 7), "images/a.png": grey(2, 2, 0)})
	if err := os.Symlink(filepath.Join(dir, "secret.png"), filepath.Join(dir, "images", "b.png")); err != nil {
		t.Skipf("SKIPPED: links out of a folder: %v", err)
	}
	for _, arg := range []string{"", "images:", "crops:"} {
		if _, err := Open(t.Context(), arg+filepath.Join(dir, "images")); err == nil || !strings.Contains(err.Error(), "b.png") {
			t.Errorf("%s: %v", arg, err)
		}
	}
}

func TestName(t *testing.T) {
	for arg, want := range map[string]string{"digits": "digits", "mnist:/a/b": "mnist", "/a/cells.v2.zip": "cellsv2", "crops:../x?size=3": "crops",
		"../../tissue/?size=64": "tissue", "..": "images", "": "images", `C:\x\y.npy`: "Cxy"} {
		if got := Name(arg); got != want {
			t.Errorf("%q is named %q, want %q", arg, got, want)
		}
	}
}

// An argument means the same from every folder, also where a folder has the name of a kind.
func TestAbsolute(t *testing.T) {
	dir, _ := filepath.EvalSymlinks(t.TempDir())
	t.Chdir(dir)
	for arg, want := range map[string]string{
		"digits": "digits", "cells": "cells", "digits?seed=1": "digits?seed=1", "mnist:": "mnist:", "": "",
		"a/b": dir + "/a/b", "images:a": "images:" + dir + "/a", "/x/y": "/x/y", "mnist:/x": "mnist:/x",
		"crops:a?size=8&n=5": "crops:" + dir + "/a?size=8&n=5", "a?size=8": dir + "/a?size=8", "a?b?": dir + "/a?b?", "c:x": dir + "/c:x",
		"images": dir + "/images", "lysto": dir + "/lysto", "images?size=64": dir + "/images?size=64", "images:images": "images:" + dir + "/images",
	} {
		if got, err := Absolute(arg); err != nil || filepath.ToSlash(got) != filepath.ToSlash(want) {
			t.Errorf("%s: %s, %v; want %s", arg, got, err, want)
		}
	}
}

// The real sets.
func TestRealData(t *testing.T) {
	folder := os.Getenv("SPDIFF_DATA")
	if folder == "" {
		t.Skip("SKIPPED: MNIST and tissue are not opened; SPDIFF_DATA does not name a folder with mnist/ and ihc/")
	}
	for arg, want := range map[string][4]int{"/mnist": {60000, 28, 28, 1}, "/ihc?size=48x64": {3, 48, 64, 3},
		"/mnist/t10k-images-idx3-ubyte.gz": {10000, 28, 28, 1}} {
		s, err := Open(t.Context(), folder+arg)
		if err != nil {
			t.Errorf("%s: %v", arg, err)
			continue
		}
		if h, w, c := s.Shape(); [4]int{s.Len(), h, w, c} != want {
			t.Errorf("%s: %d images of %d×%d×%d", arg, s.Len(), h, w, c)
		}
	}
}
