package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"spdiff"
	"spdiff/cmd/internal/cli/clitest"
	"spdiff/cmd/internal/picture"
	"spdiff/group"
)

// A span is narrowed to and widened from without loss at both depths; what is outside stays, and what is within stays within.
func TestSpan(t *testing.T) {
	for _, c := range []struct {
		depth  int
		values string
		want   span
	}{{16, "0,4095", span{0, 4095}}, {16, "used", span{40, 60000}}, {8, "16,235", span{16 * 257, 235 * 257}}, {16, "window", span{}}, {8, "stored", span{}}} {
		w := &picture.Whole{Header: picture.Header{Depth: c.depth}, Image: &picture.Image{H: 1, W: 6, C: 1, Pix: []uint16{40, 257 * 16, 4095, 4096, 50000, 60000}}}
		if c.depth == 8 {
			for i, v := range w.Pix {
				w.Pix[i] = v / 257 * 257
			}
		}
		s, err := spanOf(w, &options{values: c.values})
		if err != nil || s != c.want {
			t.Errorf("%s of %d bits is %v, %v", c.values, c.depth, s, err)
		}
		was := slices.Clone(w.Pix)
		x := make([]float32, 6)
		w.Floats(x)
		s.narrow(x)
		if err := w.SetFloats(s.widen(x, was)); err != nil || !slices.Equal(w.Pix, was) {
			t.Errorf("%+v: %v becomes %v, %v", c, was, w.Pix, err)
		}
		for i := range x {
			x[i] = float32(i) - 3 // far beyond
		}
		if err := w.SetFloats(s.widen(x, was)); err != nil {
			t.Error(err)
		}
		for i, v := range w.Pix {
			if s.has(was[i]) != s.has(v) || !s.has(v) && v != was[i] {
				t.Errorf("%+v: %d becomes %d", c, was[i], v)
			}
		}
	}
	if _, err := spanOf(&picture.Whole{Header: picture.Header{Depth: 8}}, &options{values: "0,4095"}); err == nil || !strings.Contains(err.Error(), "0 to 255") {
		t.Error(err)
	}
}

// A picture of 12 bits in 16 is denoised as one of 16 where -values says so, and the command says that it would do good.
func TestTwelveBits(t *testing.T) {
	m, dir := model(t, group.C4, spdiff.WT, 1, 0), t.TempDir()
	dim, bright := filepath.Join(dir, "dim.png"), filepath.Join(dir, "bright.png")
	for path, scale := range map[string]uint16{dim: 1, bright: 15} { // 15·4369 = 65535
		w := &picture.Whole{Header: picture.Header{Depth: 16}, Image: &picture.Image{H: 9, W: 9, C: 1}}
		for i := range 81 {
			w.Pix = append(w.Pix, uint16(i*4369/80)*scale)
		}
		var b bytes.Buffer
		if err := errors.Join(w.Encode(&b, "PNG"), os.WriteFile(path, b.Bytes(), 0o666)); err != nil {
			t.Fatal(err)
		}
	}
	results := map[string][]uint16{}
	for path, values := range map[string]string{dim: "0,4369", bright: "window"} {
		if err := do("-model", m, "-in", path, "-out", path+".png", "-steps", "2", "-values", values); err != nil {
			t.Fatal(err)
		}
		in, err := openFile(t.Context(), "-in", path+".png", &options{})
		if err != nil {
			t.Fatal(err)
		}
		results[path] = in.(*pictureInput).Pix
	}
	for i, v := range results[bright] {
		if d := int(v) - 15*int(results[dim][i]); d < -8 || d > 8 {
			t.Fatalf("%d: %d and 15 times %d", i, v, results[dim][i])
		}
	}
	text := clitest.Captured(t, func() { do("-model", m, "-in", dim, "-out", filepath.Join(dir, "x.png"), "-steps", "2") })
	if !strings.Contains(text, "the picture is dark") {
		t.Error(text)
	}
}
