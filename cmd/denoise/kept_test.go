package main

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"spdiff"
	"spdiff/cmd/internal/checksum"
	"spdiff/cmd/internal/cli/clitest"
	"spdiff/cmd/internal/dicom"
	"spdiff/cmd/internal/fit"
	"spdiff/group"
	"spdiff/tensor"
)

// ramp writes 4,096 levels in 16 bits, as a camera of 12 bits gives them.
func ramp(t *testing.T) string {
	t.Helper()
	m := image.NewGray16(image.Rect(0, 0, 64, 64))
	for i := range 64 * 64 {
		m.SetGray16(i%64, i/64, color.Gray16{Y: uint16(i << 4)})
	}
	return saved(t, "ramp.png", func(w io.Writer) error { return png.Encode(w, m) })
}

func saved(t *testing.T, name string, write func(io.Writer) error) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := write(f); err != nil {
		t.Fatal(err)
	}
	return path
}

// A ramp of 12 bits comes back in 16, with more levels than 8 bits have: no bands.
func TestRampHasNoBands(t *testing.T) {
	m, in := model(t, group.C4, spdiff.WT, 1, 0), ramp(t)
	if err := do("-model", m, "-in", in, "-steps", "2", "-start", "0.01"); err != nil {
		t.Fatal(err)
	}
	pic, _ := decode(t, beside(in, "-denoised", ".png"))
	grey, ok := pic.(*image.Gray16)
	if !ok {
		t.Fatalf("%T", pic)
	}
	levels := map[uint16]bool{}
	for i := range 64 * 64 {
		levels[grey.Gray16At(i%64, i/64).Y] = true
	}
	if len(levels) < 2000 {
		t.Errorf("%d levels of 4096", len(levels))
	}
}

// Alpha stays as it was, and so do channels and depth, for models of grey images and of colours.
func TestAlphaStays(t *testing.T) {
	pic := image.NewNRGBA64(image.Rect(0, 0, 9, 9))
	for i := range 81 {
		pic.SetNRGBA64(i%9, i/9, color.NRGBA64{R: uint16(i * 800), G: uint16(i * i * 9), B: uint16(60000 - i*700), A: uint16(65535 - i*i*10)})
	}
	for _, c := range []int{1, 3} {
		in := saved(t, "a.png", func(w io.Writer) error { return png.Encode(w, pic) })
		for _, ext := range []string{".png", ".tif"} {
			out := beside(in, "-b", ext)
			if err := do("-model", model(t, group.C4, spdiff.WT, c, 0), "-in", in, "-out", out, "-steps", "2"); err != nil {
				t.Fatal(err)
			}
			img, err := openFile(t.Context(), "-in", out, &options{})
			if err != nil {
				t.Fatal(err)
			}
			p := img.(*pictureInput)
			for i := range 81 {
				if p.Alpha[i] != pic.NRGBA64At(i%9, i/9).A || p.Depth != 16 || p.C != 3 {
					t.Fatalf("%s: pixel %d has alpha %d; %d bits, %d channels", ext, i, p.Alpha[i], p.Depth, p.C)
				}
			}
		}
	}
}

// That EXIF does not go along is said, of a result that is a TIFF alone.
func TestLostEXIFIsSaid(t *testing.T) {
	in, err := openFile(t.Context(), "-in", "../internal/picture/testdata/turned6.png", &options{})
	if err != nil {
		t.Fatal(err)
	}
	for format, want := range map[string]bool{"TIFF": true, "PNG": false, "JPEG": false} {
		if err := in.write(io.Discard, format, derivation{}); err != nil {
			t.Fatal(err)
		}
		if notes := strings.Join(in.notes(), "\n"); strings.Contains(notes, "exif:    ") != want {
			t.Errorf("%s: %s", format, notes)
		}
	}
	for what := range leftNotes {
		in.(*pictureInput).About.Left = []string{what}
		if notes := strings.Join(in.notes(), "\n"); !strings.Contains(notes, what+": ") || !strings.Contains(notes, "kept") {
			t.Errorf("%s: %s", what, notes)
		}
	}
}

// The result of a picture that lies on its side is the upright picture's, lying on its side; EXIF stays.
func TestOrientationStays(t *testing.T) {
	m := model(t, group.D4, spdiff.Plain, 3, 0)
	for _, name := range []string{"turned6.png", "turned8.png", "turned3.png", "turned7.tif"} {
		lying, err := openFile(t.Context(), "-in", "../internal/picture/testdata/"+name, &options{})
		if err != nil {
			t.Fatal(err)
		}
		l := lying.(*pictureInput)
		upright := image.NewRGBA(image.Rect(0, 0, l.Image.W, l.Image.H))
		for i := range l.Image.W * l.Image.H {
			v := l.Pix[i*l.C:]
			upright.Set(i%l.Image.W, i/l.Image.W, color.RGBA64{R: v[0], G: v[l.C/2], B: v[l.C-1], A: 0xffff})
		}
		var results []*pictureInput
		for _, in := range []string{
			saved(t, name, func(w io.Writer) error { return l.Encode(w, l.Format) }),
			saved(t, "upright.png", func(w io.Writer) error { return png.Encode(w, upright) }),
		} {
			if err := do("-model", m, "-in", in, "-steps", "2"); err != nil {
				t.Fatal(err)
			}
			z, err := openFile(t.Context(), "-in", beside(in, "-denoised", filepath.Ext(in)), &options{})
			if err != nil {
				t.Fatal(err)
			}
			results = append(results, z.(*pictureInput))
		}
		if !results[0].Turned || results[0].C != l.C || l.C == 3 && !slices.Equal(results[0].Pix, results[1].Pix) {
			t.Errorf("%s: the picture on its side gives another result", name)
		}
	}
}

// keptOutside fails unless what a DICOM file does not show of a frame, and its padding, is as it was in a result, and all else within what
// it shows. It returns how many values had to stay.
func keptOutside(t *testing.T, name string, f *dicom.File, before, after []int32) (n int) {
	t.Helper()
	shown, err := f.Shown(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	within := func(v int32) bool { return shown.Lo <= v && v <= shown.Hi }
	for k, v := range before {
		stays := !within(v) || f.Padding(v)
		if stays {
			n++
		}
		if stays && after[k] != v || within(v) && !within(after[k]) {
			t.Fatalf("%s: value %d was %d and is %d; those from %d to %d are shown", name, k, v, after[k], shown.Lo, shown.Hi)
		}
	}
	return n
}

// All frames of a DICOM file are denoised and written as derived; what is outside the window stays.
func TestDICOM(t *testing.T) {
	m, kept := model(t, group.C4, spdiff.WT, 1, 0), map[string]int{}
	for _, name := range []string{"explicit_u12.dcm", "rle_s16_frames.dcm", "mono1_u8_frames.dcm", "rgb_u16.dcm", "padding_s12.dcm"} {
		in := "../internal/dicom/testdata/" + name
		before, err := dicom.Open(in)
		if err != nil {
			t.Fatal(err)
		}
		out := filepath.Join(t.TempDir(), "y.dcm")
		text := clitest.Captured(t, func() {
			if err := do("-model", m, "-in", in, "-out", out, "-steps", "2", "-start", "auto"); err != nil {
				t.Error(err)
			}
		})
		if !strings.Contains(text, "values:  ") {
			t.Error(text)
		}
		after, err := dicom.Open(out)
		if err != nil {
			t.Fatal(err)
		}
		kind, _ := after.Value(0x00080008)
		said, _ := after.Value(0x00082111)
		hash, _ := checksum.Hash(m)
		if !strings.HasPrefix(string(kind), "DERIVED") || !strings.Contains(string(said), hash) || after.Frames != before.Frames || after.BitsStored != before.BitsStored {
			t.Errorf("%s: %q, %q, %d frames", name, kind, said, after.Frames)
		}
		for i := range before.Frames {
			a, _ := before.Frame(t.Context(), i)
			b, err := after.Frame(t.Context(), i)
			if err != nil || slices.Equal(a, b) {
				t.Fatalf("%s: frame %d is as it was (%v)", name, i, err)
			}
			kept[name] += keptOutside(t, name, before, a, b)
		}
	}
	if kept["explicit_u12.dcm"] == 0 || kept["padding_s12.dcm"] == 0 {
		t.Errorf("outside lie %v: files with a window and with padding have some", kept)
	}
	err := do("-model", m, "-in", "../internal/dicom/testdata/explicit_u12.dcm", "-out", filepath.Join(t.TempDir(), "y.png"), "-steps", "2")
	if err == nil || !strings.Contains(err.Error(), "name a .dcm") {
		t.Error(err)
	}
}

// A symmetry of any frame is said, and of which.
func TestTiedFrame(t *testing.T) {
	f, err := dicom.Open("../internal/dicom/testdata/mono1_u8_frames.dcm")
	if err != nil {
		t.Fatal(err)
	}
	frames := make([][]int32, f.Frames)
	for i := range frames {
		if frames[i], err = f.Frame(t.Context(), i); err != nil {
			t.Fatal(err)
		}
	}
	for k := range frames[1] {
		frames[1][k] = 100
	}
	in := saved(t, "a.dcm", func(w io.Writer) error {
		return f.WriteDerived(w, frames, dicom.Derivation{Description: "one frame is grey"})
	})
	text := clitest.Captured(t, func() {
		if err := do("-model", model(t, group.C4, spdiff.WT, 1, 0), "-in", in, "-steps", "2"); err != nil {
			t.Error(err)
		}
	})
	if !strings.Contains(text, "tie:     frame 1 has a symmetry of its own") || strings.Count(text, "tie: ") != 1 {
		t.Error(text)
	}
}

// What a DICOM file says of how it was derived tells results of other settings apart.
func TestDerivationSaysTheSettings(t *testing.T) {
	m, said := model(t, group.C4, spdiff.WT, 1, 0), map[string]string{}
	for _, flags := range []string{"-steps 2", "-steps 2 -degrade 2", "-steps 2 -values used", "-steps 2 -precision bf16", "-steps 2 -start 0.3", "-steps 2 -seed 4"} {
		out := filepath.Join(t.TempDir(), "a.dcm")
		if err := do(append(strings.Fields(flags), "-model", m, "-in", "../internal/dicom/testdata/explicit_u12.dcm", "-out", out)...); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		_, text, _ = bytes.Cut(text, []byte("denoised by diffusion, "))
		text, _, ok := bytes.Cut(text, []byte("; model "))
		if other, twice := said[string(text)]; !ok || twice {
			t.Errorf("%s and %s are both derived by %q", flags, other, text)
		}
		said[string(text)] = flags
	}
}

// That there is no room for what a DICOM file says of how it was derived is said, and only then.
func TestDerivationDropped(t *testing.T) {
	m := model(t, group.C4, spdiff.WT, 1, 0)
	f, err := dicom.Open("../internal/dicom/testdata/explicit_u12.dcm")
	if err != nil {
		t.Fatal(err)
	}
	values, err := f.Frame(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	for n, dropped := range map[int]bool{100: false, 1000: true} {
		before := dicom.Derivation{Description: strings.Repeat("a", n)}
		in := saved(t, "a.dcm", func(w io.Writer) error { return f.WriteDerived(w, [][]int32{values}, before) })
		text := clitest.Captured(t, func() {
			if err := do("-model", m, "-in", in, "-steps", "2"); err != nil {
				t.Error(err)
			}
		})
		if strings.Contains(text, "derived: ") != dropped {
			t.Errorf("%d characters: %s", n, text)
		}
	}
}

// A DICOM file whose name has no end, as scanners give them, becomes one beside it, and the same in a folder.
func TestDICOMWithoutExtension(t *testing.T) {
	text, err := os.ReadFile("../internal/dicom/testdata/explicit_u12.dcm")
	if err != nil {
		t.Fatal(err)
	}
	m := model(t, group.C4, spdiff.WT, 1, 0)
	for _, name := range []string{"IM000001", "1.2.840.1"} {
		in := saved(t, name, func(w io.Writer) error { _, err := w.Write(text); return err })
		out := filepath.Join(filepath.Dir(in), "out")
		if err := errors.Join(do("-model", m, "-in", in, "-steps", "2"), do("-model", m, "-in", in, "-steps", "2", "-out", out)); err != nil {
			t.Fatal(err)
		}
		if _, err := dicom.Open(in + "-denoised.dcm"); err != nil {
			t.Error(err)
		}
		first, err1 := os.ReadFile(in + "-denoised.dcm")
		if within, err2 := os.ReadFile(filepath.Join(out, name+".dcm")); err1 != nil || err2 != nil || !bytes.Equal(first, within) {
			t.Errorf("%s: in a folder it is another (%v, %v)", name, err1, err2)
		}
	}
}

// What is wrong with a frame names it once.
func TestFrameIsNamedOnce(t *testing.T) {
	in, err := openFile(t.Context(), "-in", "../internal/dicom/testdata/rle_s16_frames.dcm", &options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := in.page(ctx, 1); err == nil || strings.Count(err.Error(), "frame 1: ") != 1 {
		t.Error(err)
	}
}

// Nothing is written over a file that is read, through links neither.
func TestInputsStay(t *testing.T) {
	m, in := model(t, group.C4, spdiff.WT, 1, 0), file(t, "a.png", 8, 8)
	was, err := os.ReadFile(in)
	if err != nil {
		t.Fatal(err)
	}
	soft, hard, named := beside(in, "-soft", ".png"), beside(in, "-hard", ".png"), beside(in, "-b-check", ".png")
	if err := errors.Join(os.Symlink(in, soft), os.Link(in, hard), os.Link(in, named)); err != nil {
		t.Skipf("SKIPPED: no links: %v", err)
	}
	for _, args := range [][]string{{"-out", soft}, {"-out", hard}, {"-out", beside(in, "-b", ".png"), "-check"}, {"-out", filepath.Dir(in) + "/./a.png"}} {
		err := do(append([]string{"-model", m, "-in", in, "-steps", "2"}, args...)...)
		if err == nil || !strings.Contains(err.Error(), "name another") {
			t.Errorf("%v: %v", args, err)
		}
	}
	if now, err := os.ReadFile(in); err != nil || !bytes.Equal(was, now) {
		t.Error("the image changed", err)
	}
}

// turns returns what f gives of an image in every orientation.
func turns(g group.Group, img *tensor.Tensor, f func(a int, x *tensor.Tensor)) {
	for a := range g.Order() {
		f(a, fit.Acted(g, a, img))
	}
}

func noisy(h, w, c int, sigma float32) *tensor.Tensor {
	z := tensor.New(h, w, c)
	tensor.NewStream(7, 3).Normal(z.Data(), 0)
	for i := range z.Data() {
		x := i / c % w
		z.Data()[i] = z.Data()[i]*sigma + float32(x)/float32(w) - 0.5
	}
	return z
}

// The noise of a slope is found to three per cent, that of none is none, and every orientation has the same bits.
func TestNoise(t *testing.T) {
	for _, sigma := range []float32{0, 0.01, 0.05, 0.15} {
		for _, c := range []int{1, 3} {
			img := noisy(128, 128, c, sigma)
			found := noiseOf(img)
			if math.Abs(found-float64(sigma)) > 0.03*float64(sigma)+2e-5 {
				t.Errorf("%v of %v", found, sigma)
			}
			turns(group.D4, img, func(a int, x *tensor.Tensor) {
				if noiseOf(x) != found {
					t.Errorf("%s: %v, not %v", group.D4.ElementName(a), noiseOf(x), found)
				}
			})
		}
	}
	black := tensor.New(64, 64, 1)
	copy(black.Data()[:64*20], noisy(20, 64, 1, 0.1).Data())
	if s := noiseOf(black); math.Abs(s-0.1) > 0.01 {
		t.Errorf("%v where two thirds are black", s)
	}
	for _, s := range [][2]int{{1, 1}, {2, 9}, {9, 2}} {
		if noiseOf(noisy(s[0], s[1], 1, 0.3)) != 0 {
			t.Error("noise where there are no differences")
		}
	}
}

// The start grows with the noise; what is added is twice as strong.
func TestChosenStart(t *testing.T) {
	p := clitest.Tiny(group.C4, spdiff.WT, 1, 0).Process()
	last := 0.0
	for _, sigma := range []float32{0, 0.02, 0.1, 0.3, 0.9} {
		img := noisy(64, 64, 1, sigma)
		start, said := chosenStart(p, img)
		alpha, s := p.Marginal(start)
		want := min(max(2*noiseOf(img), 0.01), 1)
		if start < last || math.Abs(s/alpha-want) > 1e-9 || !strings.Contains(said, "levels") {
			t.Errorf("%v: start %v, σ/α %v, want %v", sigma, start, s/alpha, want)
		}
		last = start
	}
}
