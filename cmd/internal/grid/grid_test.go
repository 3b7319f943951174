package grid

import (
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"
)

func read(t *testing.T, path string) image.Image {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	pic, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return pic
}

// Every pixel of every image is where it belongs, with gaps between.
func TestWrite(t *testing.T) {
	for _, c := range []int{1, 3} {
		const n, h, w = 5, 2, 3
		x := make([]float32, n*h*w*c)
		for i := range x {
			x[i] = float32(i)/float32(len(x))*2 - 1
		}
		path := filepath.Join(t.TempDir(), "grid.png")
		if err := Write(path, x, n, h, w, c); err != nil {
			t.Fatal(err)
		}
		pic := read(t, path)
		const columns, zoom, gap = 2, 120, 60 // ⌈√(5·2/3)⌉ columns
		for i := range n * h * w {
			img, y, xx := i/(h*w), i/w%h, i%w
			px := gap + img%columns*(w*zoom+gap) + xx*zoom + 1
			py := gap + img/columns*(h*zoom+gap) + y*zoom + 1
			r, g, b, _ := pic.At(px, py).RGBA()
			p := x[i*c:]
			if uint8(r>>8) != Byte(p[0]) || uint8(g>>8) != Byte(p[c/2]) || uint8(b>>8) != Byte(p[c-1]) {
				t.Fatalf("%d channels: pixel %d of image %d is %v %v %v", c, i%(h*w), img, r>>8, g>>8, b>>8)
			}
		}
		if r, _, _, _ := pic.At(gap+w*zoom+1, gap).RGBA(); r>>8 != 64 {
			t.Error("no gap between the images")
		}
	}
}

func TestWriteSingle(t *testing.T) {
	path := filepath.Join(t.TempDir(), "one.png")
	if err := WriteSingle(path, []float32{-1, 0, 1, 5}, 2, 2, 1); err != nil {
		t.Fatal(err)
	}
	pic := read(t, path).(*image.Gray)
	for i, want := range []uint8{0, 128, 255, 255} {
		if pic.Pix[i] != want {
			t.Errorf("pixel %d is %d, want %d", i, pic.Pix[i], want)
		}
	}
}

// A failed write leaves the old file, and nothing else.
func TestAtomic(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.png")
	os.WriteFile(path, []byte("old"), 0o644)
	if err := save(path, image.NewRGBA(image.Rect(0, 0, 0, 0))); err == nil {
		t.Error("an empty picture was written")
	}
	entries, _ := os.ReadDir(dir)
	if b, _ := os.ReadFile(path); string(b) != "old" || len(entries) != 1 {
		t.Errorf("%q and %d files are left", b, len(entries))
	}
}
