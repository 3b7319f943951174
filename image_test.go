package spdiff

import (
	"image"
	"image/color"
	"math"
	"strings"
	"testing"

	"spdiff/tensor"
)

// Every byte and every 16-bit number has its value, v/127.5 − 1 and v/32767.5 − 1, and bytes come back.
func TestImageValues(t *testing.T) {
	bytes, words := image.NewGray(image.Rect(-3, 2, 253, 3)), image.NewGray16(image.Rect(0, 0, 1<<16, 1))
	for v := range 256 {
		bytes.SetGray(v-3, 2, color.Gray{uint8(v)})
	}
	for v := range 1 << 16 {
		words.SetGray16(v, 0, color.Gray16{uint16(v)})
	}
	x := FromImage(bytes)
	if !x.Shape().Equal(tensor.Shape{1, 256, 1}) {
		t.Fatalf("shape %v", x.Shape())
	}
	back := ToImage(x, 0).(*image.Gray)
	for v := range 256 {
		if want := float32(v)/127.5 - 1; x.Data()[v] != want || int(back.Pix[v]) != v {
			t.Errorf("byte %d is %v, want %v; it comes back as %d", v, x.Data()[v], want, back.Pix[v])
		}
	}
	y := FromImage(words)
	for v := range 1 << 16 {
		if want := float32(v)/32767.5 - 1; y.Data()[v] != want {
			t.Fatalf("number %d is %v, want %v", v, y.Data()[v], want)
		}
		if v%257 == 0 && y.Data()[v] != x.Data()[v/257] {
			t.Errorf("%d of 16 bits is not %d of 8", v, v/257)
		}
	}
}

// Colours come back in their places, of any image of a batch; what is not opaque is laid over white.
func TestImageColours(t *testing.T) {
	m := image.NewNRGBA(image.Rect(0, 0, 3, 2))
	for i := range m.Pix {
		m.Pix[i] = uint8(20*i + 5)
		if i%4 == 3 {
			m.Pix[i] = 0xff
		}
	}
	one := FromImage(m)
	batch := tensor.New(2, 2, 3, 3)
	copy(batch.Data()[18:], one.Data())
	for name, back := range map[string]image.Image{"alone": ToImage(one, 0), "second of two": ToImage(batch, 1)} {
		for i, v := range back.(*image.NRGBA).Pix {
			if v != m.Pix[i] {
				t.Errorf("%s: byte %d is %d, want %d", name, i, v, m.Pix[i])
			}
		}
	}
	clear := image.NewNRGBA(image.Rect(0, 0, 1, 1))
	clear.SetNRGBA(0, 0, color.NRGBA{0, 0, 0, 51}) // a fifth of black
	for _, v := range FromImage(clear).Data() {
		if want := float32(0.6); math.Abs(float64(v-want)) > 1e-6 {
			t.Errorf("a fifth of black over white is %v, want %v", v, want)
		}
	}
}

// Values that no byte has go to the nearest, and what is no image panics with what it is.
func TestToImage(t *testing.T) {
	in := []float32{-1.5, -1, 0.9999, 1, 7, float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)), 0}
	z := ToImage(tensor.From(in, 1, 9, 1), 0).(*image.Gray)
	for i, want := range []uint8{0, 0, 255, 255, 255, 0, 255, 0, 128} {
		if z.Pix[i] != want {
			t.Errorf("%v is byte %d, want %d", in[i], z.Pix[i], want)
		}
	}
	for _, k := range []struct {
		shape []int
		i     int
	}{{[]int{2, 2, 2}, 0}, {[]int{2, 2}, 0}, {[]int{2, 2, 2, 1}, 2}, {[]int{2, 2, 2, 1}, -1}, {[]int{2, 2, 1}, 1}} {
		func() {
			defer func() {
				if e, ok := recover().(*PictureError); !ok || !strings.Contains(e.Error(), "(N, H, W, C)") {
					t.Errorf("%v, image %d: recovered %v", k.shape, k.i, e)
				}
			}()
			ToImage(tensor.New(k.shape...), k.i)
		}()
	}
}
