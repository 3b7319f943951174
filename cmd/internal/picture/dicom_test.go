package picture

import (
	"bytes"
	"context"
	"errors"
	"math"
	"os"
	"testing"

	"spdiff/cmd/internal/dicom"
)

// The first frame of a DICOM file, as its window shows it, is a picture of 16 bits like any other; what is not read says why.
func TestDICOM(t *testing.T) {
	for _, name := range []string{"explicit_u12", "implicit_s16", "mono1_u8_frames", "rgb_planes", "rle_rgb", "old_implicit", "jpeg_grey"} {
		file, err := os.ReadFile("../dicom/testdata/" + name + ".dcm")
		if err != nil {
			t.Fatal(err)
		}
		f, err := dicom.Decode(file)
		if err != nil {
			t.Fatal(err)
		}
		head, err := ReadHeader(t.Context(), bytes.NewReader(file), int64(len(file)))
		if err != nil || head.H != f.Rows || head.W != f.Columns || head.Grey != (f.Samples == 1) || head.Depth != 16 || head.More != f.Frames-1 {
			t.Errorf("%s: %+v, %v", name, head, err)
		}
		m, err := Decode(t.Context(), bytes.NewReader(file), int64(len(file)), f.Samples)
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
	file, err := os.ReadFile("../dicom/testdata/not_j2k.dcm")
	if err != nil {
		t.Fatal(err)
	}
	var syntax *dicom.SyntaxError
	if _, err := ReadHeader(t.Context(), bytes.NewReader(file), int64(len(file))); !errors.As(err, &syntax) {
		t.Errorf("%v", err)
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
	file, err := os.ReadFile("../dicom/testdata/jpeg_frames.dcm")
	if err != nil {
		t.Fatal(err)
	}
	at := func(ctx context.Context) watched { return watch(ctx, bytes.NewReader(file), int64(len(file))) }
	reading := &fading{Context: t.Context(), lasts: math.MaxInt}
	if _, err := readDICOM(at(reading)); err != nil {
		t.Fatal(err)
	}
	if _, err := decodeDICOM(at(&fading{Context: t.Context(), lasts: reading.asked})); !errors.Is(err, context.Canceled) {
		t.Errorf("it is decoded to the end: %v", err)
	}
}
