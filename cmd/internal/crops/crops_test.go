package crops

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"spdiff/cmd/internal/imagefolder"
)

// page returns a PNG whose grey at (x, y) is a function of both and k, different at all places.
func page(w, h, k int) []byte {
	m := image.NewGray16(image.Rect(0, 0, w, h))
	for i := range w * h {
		m.Set(i%w, i/w, color.Gray16{uint16(k<<12 + i)})
	}
	var b bytes.Buffer
	png.Encode(&b, m)
	return b.Bytes()
}

func pages() fstest.MapFS {
	return fstest.MapFS{"0/a.png": {Data: page(7, 5, 0)}, "0/b.png": {Data: page(4, 9, 1)}, "5/c.png": {Data: page(3, 3, 2)}}
}

func open(t *testing.T, o Options) *Set {
	t.Helper()
	if o.Scale == 0 {
		o.Scale = 1
	}
	s, err := New(t.Context(), pages(), "NAME", o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Every crop is a piece of an image as it is, with its class, and all places are as likely as each other.
func TestCrops(t *testing.T) {
	s := open(t, Options{N: 40_000, H: 3, W: 2, Seed: 1})
	sizes := [][3]int{{5, 7, 0}, {9, 4, 0}, {3, 3, 5}} // rows, columns, class
	if h, w, c := s.Shape(); s.Len() != 40_000 || h != 3 || w != 2 || c != 1 {
		t.Fatalf("%d of %d×%d×%d", s.Len(), h, w, c)
	}
	places := 3*6 + 7*3 + 1*2
	seen := map[[3]int]int{}
	x := make([]float32, 6)
	for i := range s.Len() {
		class, err := s.Image(x, i)
		if err != nil {
			t.Fatal(err)
		}
		v := int(math.Round((float64(x[0]) + 1) * 32767.5))
		k, at := v>>12, v&0xfff
		y0, x0 := at/sizes[k][1], at%sizes[k][1]
		if class != sizes[k][2] {
			t.Fatalf("crop %d of image %d is of class %d", i, k, class)
		}
		for p := range x {
			want := float32(k<<12+(y0+p/2)*sizes[k][1]+x0+p%2)/32767.5 - 1
			if x[p] != want {
				t.Fatalf("crop %d of image %d at (%d, %d): pixel %d is %v, want %v", i, k, x0, y0, p, x[p], want)
			}
		}
		seen[[3]int{k, y0, x0}]++
	}
	if len(seen) != places {
		t.Errorf("%d places were cut, of %d", len(seen), places)
	}
	for at, n := range seen {
		if mean := float64(s.Len()) / float64(places); math.Abs(float64(n)-mean) > 5*math.Sqrt(mean) {
			t.Errorf("place %v was cut %d times, of %.0f on average", at, n, mean)
		}
	}
}

// cut returns the crops of a set.
func cut(t *testing.T, s *Set, n int) (all []float32) {
	h, w, c := s.Shape()
	x := make([]float32, h*w*c)
	for i := range n {
		if _, err := s.Image(x, i); err != nil {
			t.Fatal(err)
		}
		all = append(all, x...)
	}
	return all
}

// A crop depends on the seed and its number alone: not on how many there are, nor on what was cut before, nor on whether its
// image is kept.
func TestCropsAreFunctions(t *testing.T) {
	s := open(t, Options{N: 100, H: 2, W: 2, Seed: 1, Scale: 1.5})
	want := cut(t, s, 100)
	more := open(t, Options{N: 1000, H: 2, W: 2, Seed: 1, Scale: 1.5})
	for i := range more.kept {
		more.kept[i].fits = i == 1
	}
	if got := cut(t, more, 100); !slices.Equal(got, want) {
		t.Error("of more crops, from images that are not kept, the first are others")
	}
	if more.kept[0].image != nil || more.kept[1].image == nil || s.kept[0].image == nil {
		t.Error("other images are kept than fit")
	}
	x := make([]float32, 4)
	if _, err := open(t, Options{N: 100, H: 2, W: 2, Seed: 1, Scale: 1.5}).Image(x, 70); err != nil || !slices.Equal(x, want[280:284]) {
		t.Error("crop 70 is another when it is the first that is cut")
	}
	if slices.Equal(cut(t, open(t, Options{N: 100, H: 2, W: 2, Seed: 2, Scale: 1.5}), 100), want) {
		t.Error("another seed cuts the same")
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	var wg sync.WaitGroup
	fresh := open(t, Options{N: 100, H: 2, W: 2, Seed: 1, Scale: 1.5})
	for k := range 4 {
		wg.Go(func() {
			x := make([]float32, 4)
			for i := k; i < 100; i += 2 {
				if _, err := fresh.Image(x, i); err != nil || !slices.Equal(x, want[4*i:4*i+4]) {
					t.Errorf("crop %d is another beside others (%v)", i, err)
				}
			}
		})
	}
	wg.Wait()
}

// A crop of a scaled image is a crop of that image, scaled.
func TestScaled(t *testing.T) {
	files := fstest.MapFS{"a.png": {Data: page(40, 30, 0)}}
	s, err := New(t.Context(), files, "NAME", Options{N: 10, H: 15, W: 20, Scale: 0.5})
	if err != nil {
		t.Fatal(err)
	}
	l, err := imagefolder.Read(t.Context(), files, imagefolder.Choice{})
	if err != nil {
		t.Fatal(err)
	}
	m, err := l.Decode(t.Context(), 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	want := make([]float32, 300)
	m.Scale(15, 20).Floats(want)
	if got := cut(t, s, 1); !slices.Equal(got, want) {
		t.Error("the only crop of the size of the scaled image is not that image")
	}
}

func TestErrors(t *testing.T) {
	for want, o := range map[string]Options{
		`NAME: "5/c.png" is 3 rows × 3 columns, scaled by 1; no crop of 4 rows × 3 columns fits: ?size=3 fits them all, or leave the file out by ?without=5%2Fc.png`: {N: 1, H: 4, W: 3, Scale: 1},
		"2 rows × 2 columns, scaled by 0.5": {N: 1, H: 3, W: 2, Scale: 0.5},
		"at most 67108864":                  {N: 1, H: 3, W: 3, Scale: 5000},
	} {
		if _, err := New(t.Context(), pages(), "NAME", o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want an error with %q", err, want)
		}
	}
	files := pages()
	s, err := New(t.Context(), files, "NAME", Options{N: 9, H: 3, W: 3, Scale: 1})
	if err != nil {
		t.Fatal(err)
	}
	for name := range files {
		files[name] = &fstest.MapFile{Data: []byte("gone")}
	}
	for range 2 { // an error is not kept
		if _, err := s.Image(make([]float32, 9), 0); err == nil || !strings.Contains(err.Error(), "NAME: ") {
			t.Errorf("images that are gone: %v", err)
		}
	}
	files2 := pages()
	for name := range files {
		files[name] = files2[name]
	}
	if _, err := s.Image(make([]float32, 9), 0); err != nil {
		t.Errorf("images that are back: %v", err)
	}
}

// Of more places than 32 bits count each is as likely as every other, and no more images are kept than fit.
func TestManyPlaces(t *testing.T) {
	const side, n = 64, 4000
	files := fstest.MapFS{}
	for i := range 100 {
		files[fmt.Sprintf("%02d.png", i)] = &fstest.MapFile{Data: page(7, 5, 0)}
	}
	s, err := New(t.Context(), files, "NAME", Options{N: n, H: side, W: side, Scale: 1000}) // 5000×7000 pixels each, of two bytes
	if err != nil {
		t.Fatal(err)
	}
	var quarters [4]int
	for i := range n {
		k, y, x := s.place(i)
		if y < 0 || x < 0 || y > 5000-side || x > 7000-side {
			t.Fatalf("crop %d begins at (%d, %d)", i, x, y)
		}
		quarters[k/25]++
	}
	for k, got := range quarters {
		if math.Abs(float64(got)-n/4) > 5*math.Sqrt(n/4) {
			t.Errorf("quarter %d of the images has %d of %d crops", k, got, n)
		}
	}
	for k := range s.kept {
		if want := (k+1)*2*5000*7000 <= memory; k < 25 && s.kept[k].fits != want || k >= 25 && s.kept[k].fits {
			t.Errorf("that image %d is kept is %v", k, s.kept[k].fits)
		}
	}
}

// A small image that comes after one that does not fit is kept.
func TestSmallImageIsKept(t *testing.T) {
	files := fstest.MapFS{"z.png": {Data: page(1, 1, 0)}}
	for i := range 8 {
		files[fmt.Sprintf("%d.png", i)] = &fstest.MapFile{Data: page(7, 5, 0)} // of 70 MB, once scaled
	}
	s, err := New(t.Context(), files, "NAME", Options{N: 1, H: 64, W: 64, Scale: 1000})
	if err != nil {
		t.Fatal(err)
	}
	for k := range s.kept {
		if s.kept[k].fits != (k != 7) {
			t.Errorf("that image %d is kept is %v", k, s.kept[k].fits)
		}
	}
}

// Tissue, as the paper's recipe wants it.
func TestTissue(t *testing.T) {
	folder := os.Getenv("SPDIFF_DATA")
	if folder == "" {
		t.Skip("SKIPPED: tissue is not cut; SPDIFF_DATA does not name a folder with ihc/")
	}
	s, err := New(t.Context(), os.DirFS(folder+"/ihc"), "ihc", Options{N: 200, H: 64, W: 64, Scale: 0.5})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, c := s.Shape(); c != 3 {
		t.Fatalf("%d channels", c)
	}
	var mean [3]float64
	all := cut(t, s, 200)
	for i, v := range all {
		mean[i%3] += float64(v) / float64(len(all)/3)
	}
	for _, m := range mean { // tissue on white
		if m < -0.2 || m > 0.95 {
			t.Errorf("the mean colour is %v", mean)
		}
	}
}
