package picture

import (
	"bytes"
	"context"
	"errors"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"spdiff/cmd/internal/dicom"
)

// fileOf returns a file of package dicom's tests.
func fileOf(t *testing.T, name string) []byte {
	t.Helper()
	file, err := os.ReadFile("../dicom/testdata/" + name + ".dcm")
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// The first frame of a DICOM file, as its window shows it, is a picture of 16 bits like any other; what is not read says why.
func TestDICOM(t *testing.T) {
	for _, name := range []string{"explicit_u12", "implicit_s16", "mono1_u8_frames", "rgb_planes", "rle_rgb", "old_implicit", "jpeg_grey"} {
		file := fileOf(t, name)
		f, err := dicom.Decode(file)
		if err != nil {
			t.Fatal(err)
		}
		head, err := ReadHeader(t.Context(), bytes.NewReader(file), int64(len(file)))
		if err != nil || head.H != f.Rows || head.W != f.Columns || head.Grey != (f.Samples == 1) || head.Depth != 16 || head.More != f.Frames-1 {
			t.Errorf("%s: %+v, %v", name, head, err)
		}
		m, err := Decode(t.Context(), bytes.NewReader(file), int64(len(file)), f.Samples, Range{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		values, _ := f.Frame(t.Context(), 0)
		shown, err := f.Shown(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		want, got := make([]float32, len(values)), make([]float32, len(values))
		f.Numbers(want, values, shown)
		m.Floats(got)
		for i := range want {
			if math.Abs(float64(got[i]-want[i])) > 1.01/65535 {
				t.Fatalf("%s: number %d is %v and not %v", name, i, got[i], want[i])
			}
		}
	}
	file := fileOf(t, "not_j2k")
	var syntax *dicom.SyntaxError
	if _, err := ReadHeader(t.Context(), bytes.NewReader(file), int64(len(file))); !errors.As(err, &syntax) {
		t.Errorf("%v", err)
	}
}

// A range of values as they are stored takes the window's place, of numbers without a sign and with one, and padding stays black; a
// value outside is an error that says which, as the file has it.
func TestDICOMRange(t *testing.T) {
	for name, r := range map[string]Range{"explicit_u12": {0, 4095}, "implicit_s16": {-32768, 32767}, "mono1_u8_frames": {0, 255}, "padding_s12": {-2048, 2047}} {
		file := fileOf(t, name)
		f, err := dicom.Decode(file)
		if err != nil {
			t.Fatal(err)
		}
		values, err := f.Frame(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		decode := func(r Range) (*Image, error) {
			return Decode(t.Context(), bytes.NewReader(file), int64(len(file)), 1, r)
		}
		m, err := decode(r)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range values {
			want := math.Round(float64(int(v)-r.Lo) * 65535 / float64(r.Hi-r.Lo))
			if f.Photometric == "MONOCHROME1" {
				want = 65535 - want
			}
			if f.Padding(v) {
				want = 0
			}
			if math.Abs(float64(m.Pix[i])-want) > 1 {
				t.Errorf("%s: the value %d is %d, not %v", name, v, m.Pix[i], want)
			}
		}
		var outside *OutsideError
		if _, err := decode(Range{r.Lo, int(slices.Max(values)) - 1}); !errors.As(err, &outside) || outside.Value != int(slices.Max(values)) {
			t.Errorf("%s: %v, and the greatest is %d", name, err, slices.Max(values))
		}
	}
}

// How many windows a file has is known from its header.
func TestDICOMWindows(t *testing.T) {
	for name, want := range map[string]int{"explicit_u12": 2, "implicit_s16": 0} {
		file := fileOf(t, name)
		if h, err := ReadHeader(t.Context(), bytes.NewReader(file), int64(len(file))); err != nil || !h.DICOM || h.Windows != want {
			t.Errorf("%s: %+v, %v; want %d windows", name, h, err, want)
		}
	}
}

// A window that shows nothing is kept in the header, and is an error where no range takes its place.
func TestDICOMBrokenWindow(t *testing.T) {
	file := fileOf(t, "explicit_u12")
	file = bytes.Replace(file, []byte(`400\2000`), []byte(`0  \2000`), 1)
	h, err := ReadHeader(t.Context(), bytes.NewReader(file), int64(len(file)))
	if err != nil || h.Unshown == nil || !h.DICOM {
		t.Errorf("%+v, %v", h, err)
	}
	if _, err := Decode(t.Context(), bytes.NewReader(file), int64(len(file)), 1, Range{0, 4095}); err != nil {
		t.Error(err)
	}
	if _, err := Decode(t.Context(), bytes.NewReader(file), int64(len(file)), 1, Range{}); err == nil || !strings.Contains(err.Error(), "the width of window 0 is 0") {
		t.Error(err)
	}
}

// A fading context is done once it was asked as often as it lasts.
type fading struct {
	context.Context
	asked, lasts int
}

// Err counts.
func (f *fading) Err() error {
	if f.asked++; f.asked > f.lasts {
		return context.Canceled
	}
	return nil
}

// A context that is done after a DICOM file was read ends the decoding of its frames.
func TestDICOMDone(t *testing.T) {
	file := fileOf(t, "jpeg_frames")
	at := func(ctx context.Context) watched { return watch(ctx, bytes.NewReader(file), int64(len(file))) }
	reading := &fading{Context: t.Context(), lasts: math.MaxInt}
	if _, err := readDICOM(at(reading)); err != nil {
		t.Fatal(err)
	}
	if _, err := decodeDICOM(at(&fading{Context: t.Context(), lasts: reading.asked})); !errors.Is(err, context.Canceled) {
		t.Errorf("it is decoded to the end: %v", err)
	}
}
