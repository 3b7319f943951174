package tensor

import (
	"fmt"
	"testing"
)

// windows are convolutions of other sizes and strides than those of networks that keep the size: those of Inception v3, patches,
// kernels wider than their stride and narrower, padding on one side, padding wider than the kernel.
var windows = []struct {
	in             ConvShape
	kh, kw, stride int
	pad            Padding
}{
	{sizes(1, 3, 3, 1, 1), 3, 3, 1, Padding{}},
	{sizes(2, 29, 29, 3, 32), 3, 3, 2, Padding{}},
	{sizes(3, 17, 17, 20, 33), 3, 3, 2, Padding{}},
	{sizes(2, 12, 10, 5, 17), 1, 7, 1, Padding{0, 3, 0, 3}},
	{sizes(2, 12, 10, 5, 17), 7, 1, 1, Padding{3, 0, 3, 0}},
	{sizes(5, 35, 35, 4, 16), 5, 5, 1, Padding{2, 2, 2, 2}},
	{sizes(4, 9, 11, 6, 20), 1, 1, 2, Padding{}},
	{sizes(1, 16, 24, 3, 40), 4, 4, 4, Padding{}},
	{sizes(3, 16, 15, 8, 9), 4, 4, 2, Padding{1, 1, 1, 1}},
	{sizes(2, 10, 13, 7, 5), 2, 3, 3, Padding{0, 2, 1, 0}},
	{sizes(2, 5, 6, 3, 4), 2, 2, 1, Padding{3, 0, 0, 4}},
	{sizes(1, 4, 4, 2, 3), 4, 4, 1, Padding{}},
	{sizes(2, 2, 3, 2, 3), 4, 4, 4, Padding{0, 0, 2, 1}},   // taps that no pixel sees
	{sizes(9, 50, 31, 2, 3), 3, 2, 2, Padding{1, 0, 1, 0}}, // a weight gradient in parts
}

// TestWindow holds convolutions with strides and paddings, and their gradients, against the slow statement, bit by bit; and their
// transposes as convolutions with gradients of their own.
func TestWindow(t *testing.T) {
	for _, w := range windows {
		t.Run(fmt.Sprint(w), func(t *testing.T) {
			s, k := w.in.Window(w.kh, w.kw, w.stride, w.pad)
			checkConv(t, s, k)
			checkConv(t, NewConv(s, k).Transpose().Shape(), k.negated())
		})
	}
}

// TestWindowIsOfPaddedImages holds it against what it stands for: windows of images to which zeros were added.
func TestWindowIsOfPaddedImages(t *testing.T) {
	for _, c := range windows {
		s, k := c.in.Window(c.kh, c.kw, c.stride, c.pad)
		x, w := noise(s.pixels()*s.Cin, 1), noise(len(k)*s.Cin*s.Cout, 2)
		conv := NewConv(s, k)
		packed, z := make([]float32, conv.PackedLen()), make([]float32, s.N*s.OutH*s.OutW*s.Cout)
		Run(conv.Pack(packed, w))
		Run(conv.Forward(z, x, packed, nil)...)
		sh, sw := s.H+c.pad.Top+c.pad.Bottom, s.W+c.pad.Left+c.pad.Right
		if s.OutH != (sh-c.kh)/c.stride+1 || s.OutW != (sw-c.kw)/c.stride+1 {
			t.Fatalf("%+v gives %d×%d", c, s.OutH, s.OutW)
		}
		eachPixel(s, func(p, n, oy, ox int) {
			for j := range s.Cout {
				var sum, size float64
				for at := range c.kh * c.kw {
					y, x0 := c.stride*oy+at/c.kw-c.pad.Top, c.stride*ox+at%c.kw-c.pad.Left
					if y < 0 || y >= s.H || x0 < 0 || x0 >= s.W {
						continue
					}
					for i := range s.Cin {
						v := float64(x[((n*s.H+y)*s.W+x0)*s.Cin+i]) * float64(w[(at*s.Cin+i)*s.Cout+j])
						sum, size = sum+v, size+max(v, -v)
					}
				}
				if got := float64(z[p*s.Cout+j]); max(got-sum, sum-got) > 1e-6*size {
					t.Fatalf("%+v: output (%d, %d, %d, %d) is %v, want %v", c, n, oy, ox, j, got, sum)
				}
			}
		})
	}
}

// TestWindowErrors demands a *ConvError for windows that cannot be, and for strides where there are none.
func TestWindowErrors(t *testing.T) {
	s := sizes(1, 5, 5, 4, 4)
	strided, _ := s.Window(3, 3, 2, Padding{1, 1, 1, 1})
	convErrors(t, map[string]func(){
		"a kernel too high":   func() { s.Window(6, 3, 1, Padding{}) },
		"no stride":           func() { s.Window(3, 3, 0, Padding{}) },
		"negative padding":    func() { s.Window(3, 3, 1, Padding{Left: -1}) },
		"no kernel":           func() { s.Window(3, 0, 1, Padding{}) },
		"a negative stride":   func() { NewConv(ConvShape{N: 1, H: 1, W: 1, Cin: 1, Cout: 1, Stride: -1}, Dense(1, 1)) },
		"both":                func() { NewConv(ConvShape{N: 1, H: 4, W: 4, Cin: 1, Cout: 1, Stride: 2, Up: 2}, Dense(1, 1)) },
		"shared weights":      func() { NewConv(strided, kernels()["3x3C4"]) },
		"regular features":    func() { NewGroupConv(strided, mirrored(3, 3, 4, false)) },
		"to regular features": func() { NewPlaneConv(strided, 1, 4, shuffled(3, 3, 4)) },
		"z of the input": func() {
			c := NewConv(strided, Dense(3, 3))
			c.Forward(make([]float32, 100), make([]float32, 100), make([]float32, c.PackedLen()), nil)
		},
	})
}
