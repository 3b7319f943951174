package picture

import (
	"hash/fnv"
	"math"
	"slices"
	"testing"

	"spdiff/tensor"
)

// noisy returns random pixels.
func noisy(h, w, c int) *Image {
	u := make([]uint32, h*w*c)
	tensor.NewStream(3, uint64(h*w)).Uint32(u, 0)
	m := &Image{h, w, c, make([]uint16, len(u))}
	for i, v := range u {
		m.Pix[i] = uint16(v >> 16)
	}
	return m
}

// slow is a pixel of m scaled to h×w, by the sum over all pixels at once.
func slow(m *Image, h, w, y, x, c int) float64 {
	kernel := func(t float64) float64 {
		t = math.Abs(t)
		if t < 1 {
			return 1.5*t*t*t - 2.5*t*t + 1
		} else if t < 2 {
			return -0.5*t*t*t + 2.5*t*t - 4*t + 2
		}
		return 0
	}
	weight := func(to, from, at, i int) float64 {
		s := float64(from) / float64(to)
		return kernel((float64(i) + 0.5 - (float64(at)+0.5)*s) / math.Max(s, 1))
	}
	var sum, norm float64
	for i := range m.H {
		for j := range m.W {
			a := weight(h, m.H, y, i) * weight(w, m.W, x, j)
			sum, norm = sum+a*float64(m.Pix[(i*m.W+j)*m.C+c]), norm+a
		}
	}
	return sum / norm
}

// Scaled pixels are the sums of the kernel, to the rounding of two passes. Pixels stay away from the ends of the range,
// where the two passes are cut off and the reference is not.
func TestScale(t *testing.T) {
	for _, s := range [][4]int{{9, 7, 5, 4}, {5, 6, 11, 13}, {8, 8, 8, 3}, {12, 5, 12, 9}, {3, 40, 1, 1}, {1, 1, 4, 5}} {
		m := noisy(s[0], s[1], 3)
		for i := range m.Pix {
			m.Pix[i] = m.Pix[i]/2 + 16384
		}
		z := m.Scale(s[2], s[3])
		if z.H != s[2] || z.W != s[3] || z.C != 3 || len(z.Pix) != s[2]*s[3]*3 {
			t.Fatalf("%v: %d×%d×%d", s, z.H, z.W, z.C)
		}
		for i, got := range z.Pix {
			y, x, c := i/3/z.W, i/3%z.W, i%3
			if want := slow(m, z.H, z.W, y, x, c); math.Abs(float64(got)-want) > 1.5 {
				t.Fatalf("%v: pixel (%d, %d) channel %d is %d, want %v", s, y, x, c, got, want)
			}
		}
	}
}

// One colour stays that colour, the ends of the range included; nothing wraps around; no scaling is none.
func TestScaleKeeps(t *testing.T) {
	for _, v := range []uint16{0, 1, 30000, 65535} {
		m := &Image{7, 5, 1, slices.Repeat([]uint16{v}, 35)}
		if z := m.Scale(3, 11); slices.Min(z.Pix) != v || slices.Max(z.Pix) != v {
			t.Errorf("%d becomes %v", v, z.Pix)
		}
	}
	step := &Image{1, 8, 1, []uint16{0, 0, 0, 0, 65535, 65535, 65535, 65535}}
	if z := step.Scale(1, 16); slices.Max(z.Pix[:7]) > 3000 || slices.Min(z.Pix[9:]) < 62000 {
		t.Errorf("an edge becomes %v", z.Pix)
	}
	m := noisy(6, 5, 3)
	if !slices.Equal(m.Scale(6, 5).Pix, m.Pix) || m.Fit(6, 5) != m {
		t.Error("scaling to the same size changes pixels")
	}
}

// Fit takes the middle of the image, as large as it can be.
func TestFit(t *testing.T) {
	m := noisy(4, 10, 1)
	if got, want := m.Fit(4, 4).Pix, m.Crop(0, 3, 4, 4).Pix; !slices.Equal(got, want) {
		t.Errorf("the middle is %v, want %v", got, want)
	}
	if got, want := m.Fit(2, 2).Pix, m.Crop(0, 3, 4, 4).Scale(2, 2).Pix; !slices.Equal(got, want) {
		t.Errorf("the middle, smaller, is %v, want %v", got, want)
	}
	tall := m.transpose()
	if got, want := tall.Fit(4, 4).Pix, tall.Crop(3, 0, 4, 4).Pix; !slices.Equal(got, want) {
		t.Errorf("the middle of a tall one is %v, want %v", got, want)
	}
	for _, s := range [][4]int{{1, 100, 7, 2}, {100, 1, 2, 7}, {3, 3, 1, 100}, {1, 1, 5, 3}} {
		if z := noisy(s[0], s[1], 1).Fit(s[2], s[3]); z.H != s[2] || z.W != s[3] {
			t.Errorf("%v: %d×%d", s, z.H, z.W)
		}
	}
}

// The pixels are the same on every machine, whatever its compiler fuses.
func TestScaleGolden(t *testing.T) {
	h := fnv.New64a()
	for _, s := range [][2]int{{5, 9}, {31, 17}, {64, 40}} {
		for _, v := range noisy(23, 37, 3).Scale(s[0], s[1]).Pix {
			h.Write([]byte{byte(v), byte(v >> 8)})
		}
	}
	if got, want := h.Sum64(), uint64(0xa8e1ef1e018d53b1); got != want {
		t.Errorf("the hash of scaled pixels is %#x, want %#x", got, want)
	}
}
