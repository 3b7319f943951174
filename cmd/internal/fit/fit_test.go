package fit

import (
	"context"
	"errors"
	"slices"
	"testing"

	"spdiff"
	"spdiff/cmd/internal/cli/clitest"
	"spdiff/group"
	"spdiff/sde"
	"spdiff/tensor"
)

// model returns one of 8×8 pixels.
func model(t *testing.T, method spdiff.Method, channels int) *spdiff.Model {
	t.Helper()
	m, err := spdiff.Train(t.Context(), clitest.Tiny(group.D4, method, channels, 0), clitest.Noise{Channels: channels}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

var how = spdiff.Denoising{Reversal: spdiff.Reversal{Steps: 2, Seed: 3}}

func picture(h, w, c int) *tensor.Tensor {
	z := tensor.New(h, w, c)
	tensor.NewStream(7, 3).Uniform(z.Data(), 0)
	return z
}

// An image smaller than the network, of grey or colours, is denoised the same in every orientation that acts, to the last bit, by any
// model of the group.
func TestSmallImagesAreExact(t *testing.T) {
	for _, of := range []int{1, 3} {
		m := model(t, spdiff.WT, of)
		for _, size := range [][2]int{{1, 1}, {5, 5}, {7, 7}, {3, 7}, {6, 8}, {5, 12}, {13, 2}} {
			for _, c := range []int{1, 3} {
				img := picture(size[0], size[1], c)
				z, equal, err := Denoise(t.Context(), m, img, how)
				if err != nil || !z.Shape().Equal(img.Shape()) {
					t.Fatalf("%v: %v, %v", size, z, err)
				}
				if symmetric := size[0] == 1; (equal > 1) != symmetric {
					t.Errorf("%v, %d channels: %d elements are equal", size, c, equal)
				} else if symmetric {
					continue
				}
				g := m.Symmetry(size[0], size[1])
				for a := range g.Order() {
					y, _, err := Denoise(t.Context(), m, Acted(g, a, img), how)
					if err != nil || !slices.Equal(y.Data(), Acted(g, a, z).Data()) {
						t.Errorf("%v, %d channels, a model of %d: %s differs (%v)", size, c, of, g.ElementName(a), err)
					}
				}
			}
		}
	}
}

// Of elements that leave an image as it is there are no more than act on images of its size. One whose mirror images alone make it
// symmetric, as four fields whose chequers then meet, ties all the same.
func TestTies(t *testing.T) {
	m, fields := model(t, spdiff.WT, 1), tensor.New(4, 6, 1)
	for i := range fields.Data() {
		fields.Data()[i] = float32(i/12+i%6/3) / 4
	}
	for _, c := range []struct {
		img  *tensor.Tensor
		want int
	}{{tensor.New(6, 4, 1), 4}, {tensor.New(6, 4, 3), 4}, {tensor.New(5, 5, 1), 8}, {tensor.New(8, 11, 1), 4}, {fields, 2}, {picture(4, 6, 1), 1}} {
		if _, equal, err := Denoise(t.Context(), m, c.img, how); err != nil || equal != c.want {
			t.Errorf("of an image of %v %d elements are equal, want %d (%v)", c.img.Shape(), equal, c.want, err)
		}
	}
}

// An image as the model takes it is the model's own matter.
func TestFitting(t *testing.T) {
	for _, c := range []int{1, 3} {
		m, img := model(t, spdiff.WT, c), picture(8, 11, c)
		want, _, err := m.Denoise(t.Context(), img, how)
		if err != nil {
			t.Fatal(err)
		}
		if z, _, err := Denoise(t.Context(), m, img, how); err != nil || !slices.Equal(z.Data(), want.Data()) {
			t.Errorf("%d channels: another image (%v)", c, err)
		}
	}
}

// A model that promises nothing denoises each colour as it lies.
func TestPlain(t *testing.T) {
	m, img := model(t, spdiff.Plain, 1), picture(8, 8, 3)
	z, _, err := Denoise(t.Context(), m, img, how)
	if err != nil {
		t.Fatal(err)
	}
	for k, part := range parts(img, 1) {
		want, _, err := m.Denoise(t.Context(), part, how)
		if err != nil || !slices.Equal(parts(z, 1)[k].Data(), want.Data()) {
			t.Errorf("colour %d is another (%v)", k, err)
		}
	}
}

// Grey in three colours becomes, by a model of grey images, what grey becomes, in three colours and as few steps; colours do not.
func TestGreyStaysGrey(t *testing.T) {
	m, grey := model(t, spdiff.WT, 1), picture(9, 9, 1)
	colours, d, steps := parts(grey, 3)[0], how, 0
	want, _, err := Denoise(t.Context(), m, grey, how)
	if err != nil {
		t.Fatal(err)
	}
	d.Trace = func([]int, sde.Snapshot) { steps++ }
	z, _, err := Denoise(t.Context(), m, colours, d)
	if err != nil || steps != 2 {
		t.Fatalf("%d steps (%v)", steps, err)
	}
	if !slices.Equal(z.Data(), parts(want, 3)[0].Data()) {
		t.Error("grey in colours becomes another image")
	}
	colours.Data()[0] += 1e-3
	if z, _, err = Denoise(t.Context(), m, colours, d); err != nil || steps != 2+6 || slices.Equal(z.Data(), parts(want, 3)[0].Data()) {
		t.Errorf("one pixel of colour among grey: %d steps more (%v)", steps-2, err)
	}
	z, _, err = Denoise(t.Context(), m, picture(9, 9, 3), how)
	if err != nil {
		t.Fatal(err)
	}
	if d := z.Data(); d[0] == d[1] || d[1] == d[2] {
		t.Errorf("a pixel of colours becomes %v", d[:3])
	}
}

// Padding is by as many pixels on one side as on the other, what Size says, and cropping is its inverse.
func TestPadding(t *testing.T) {
	for h := range 20 {
		for w := range 20 {
			img := picture(h+1, w+1, 3)
			z := padded(img, 9, 6)
			height, width := Size(h+1, w+1, 9, 6)
			if s := z.Shape(); s[0] != height || s[1] != width || s[0] < 9 || s[1] < 6 || (h == w) && s[0] != s[1] || s[0] > max(h+1, 10) && h != w {
				t.Fatalf("%d×%d becomes %v; Size says %d×%d", h+1, w+1, s, height, width)
			}
			if y := cropped(z, h+1, w+1); !slices.Equal(y.Data(), img.Data()) {
				t.Fatalf("%d×%d is another image when it is cut out again", h+1, w+1)
			}
		}
	}
	row := padded(tensor.From([]float32{1, 2, 3}, 1, 3, 1), 1, 11)
	if want := []float32{3, 3, 2, 1, 1, 2, 3, 3, 2, 1, 1}; !slices.Equal(row.Data(), want) {
		t.Errorf("1 2 3 becomes %v", row.Data())
	}
}

// A trace counts the steps of all parts, and an end of the context is one within a step.
func TestTrace(t *testing.T) {
	for c, want := range map[int]int{1: 2, 3: 6} {
		d, m, last := how, model(t, spdiff.WT, 1), 0
		d.Trace = func(_ []int, s sde.Snapshot) {
			if last++; s.Done != last || s.Of != want {
				t.Errorf("step %d is called %d of %d", last, s.Done, s.Of)
			}
		}
		if _, _, err := Denoise(t.Context(), m, picture(8, 8, c), d); err != nil || last != want || Parts(c, 1)*2 != want {
			t.Errorf("%d steps of %d, %v", last, want, err)
		}
		for end := 1; end < want; end++ {
			ctx, cancel := context.WithCancel(t.Context())
			made := 0
			d.Trace = func([]int, sde.Snapshot) {
				if made++; made == end {
					cancel()
				}
			}
			if _, _, err := Denoise(ctx, m, picture(8, 8, c), d); !errors.Is(err, context.Canceled) || made != end {
				t.Errorf("%d steps are made after the end at %d: %v", made, end, err)
			}
			cancel()
		}
	}
}
