package dicom

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// golden says what a file of testdata holds.
type golden struct {
	name   string
	syntax string
	Header
}

func grey(frames, allocated, stored, high int, signed bool) Header {
	return Header{frames, 5, 6, 1, allocated, stored, high, signed, monochrome2, false}
}

func colour(frames, bits int, photometric string, planes bool) Header {
	return Header{frames, 5, 6, 3, bits, bits, bits - 1, false, photometric, planes}
}

func ramp(frames, samples int, photometric string) Header {
	return Header{frames, 16, 24, samples, 8, 8, 7, false, photometric, false}
}

var goldens = []golden{
	{"explicit_u12", explicitLE, grey(1, 16, 12, 11, false)},
	{"implicit_s16", implicitLE, grey(1, 16, 16, 15, true)},
	{"deflated_u8", deflatedLE, grey(1, 8, 8, 7, false)},
	{"mono1_u8_frames", explicitLE, Header{3, 5, 6, 1, 8, 8, 7, false, monochrome1, false}},
	{"explicit_s12", explicitLE, grey(1, 16, 12, 11, true)},
	{"overlay_u10", explicitLE, grey(1, 16, 10, 12, false)},
	{"rgb_pixels", explicitLE, colour(1, 8, rgb, false)},
	{"rgb_planes", explicitLE, colour(2, 8, rgb, true)},
	{"rgb_u16", explicitLE, colour(1, 16, rgb, false)},
	{"ybr_full", explicitLE, colour(1, 8, ybrFull, false)},
	{"padding_s12", explicitLE, grey(1, 16, 12, 11, true)},
	{"rle_u8", rle, grey(1, 8, 8, 7, false)},
	{"rle_s16_frames", rle, grey(2, 16, 16, 15, true)},
	{"rle_rgb", rle, colour(2, 8, rgb, true)},
	{"old_implicit", implicitLE, grey(1, 16, 12, 11, false)},
	{"jpeg_grey", jpegBase, ramp(1, 1, monochrome2)},
	{"jpeg_frames", jpegBase, ramp(2, 1, monochrome2)},
	{"jpeg_colour", jpegBase, ramp(1, 3, ybrFull)},
	{"jpeg_colour_422", jpegBase, ramp(1, 3, ybr422)},
}

func path(name string) string { return filepath.Join("testdata", name+".dcm") }

func bytesOf(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(path(name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func open(t testing.TB, name string) *File {
	t.Helper()
	f, err := Open(path(name))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func decode(t testing.TB, b []byte) *File {
	t.Helper()
	f, err := Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// all returns the values of all frames.
func all(t testing.TB, f *File) (frames [][]int32) {
	t.Helper()
	for i := range f.Frames {
		v, err := f.Frame(t.Context(), i)
		if err != nil {
			t.Fatal(err)
		}
		frames = append(frames, v)
	}
	return frames
}

// rule is the value that make_dicom_golden.py put there.
func (g golden) rule(frame, k int) int32 {
	s, x, y := k%g.Samples, k/g.Samples%g.Columns, k/g.Samples/g.Columns
	if g.syntax == jpegBase {
		return int32(min(8*y+4*x+40*s+20*frame, 255))
	}
	v := (7919*frame + 131*y + 31*x + 17*s + y*x*x) % (1 << g.BitsStored)
	if g.Signed {
		v -= 1 << (g.BitsStored - 1)
	}
	return int32(v)
}

// Every golden file has the header and, but for what JPEG loses, the values of the rule.
func TestGolden(t *testing.T) {
	for _, g := range goldens {
		f := open(t, g.name)
		if f.Header != g.Header || f.Syntax.UID != g.syntax {
			t.Errorf("%s: %+v in %v, want %+v in %s", g.name, f.Header, f.Syntax, g.Header, g.syntax)
			continue
		}
		tolerance := int32(0)
		if g.syntax == jpegBase {
			tolerance = 8
		}
		for i, frame := range all(t, f) {
			if f.ybr() && g.syntax != jpegBase {
				continue // TestYBR
			}
			for k, v := range frame {
				if want := g.rule(i, k); max(v-want, want-v) > tolerance {
					t.Fatalf("%s: frame %d, value %d is %d, want %d", g.name, i, k, v, want)
				}
			}
		}
	}
}

// Brightness and colour differences become the colours of the standard's matrix.
func TestYBR(t *testing.T) {
	for _, g := range goldens {
		if g.name != "ybr_full" {
			continue
		}
		frame := all(t, open(t, g.name))[0]
		for k := 0; k < len(frame); k += 3 {
			y, cb, cr := float64(g.rule(0, k)), float64(g.rule(0, k+1))-128, float64(g.rule(0, k+2))-128
			for s, want := range []float64{y + 1.402*cr, y - 0.344136*cb - 0.714136*cr, y + 1.772*cb} {
				if want = min(max(want, 0), 255); float64(frame[k+s])-want > 1 || want-float64(frame[k+s]) > 1 {
					t.Errorf("value %d is %d, want %v", k+s, frame[k+s], want)
				}
			}
		}
	}
}

// Two pixels of 4:2:2 share their colour.
func Test422(t *testing.T) {
	f := &File{Header: Header{1, 1, 4, 3, 8, 8, 7, false, ybr422, false}}
	if got, want := f.from422([]byte{1, 2, 3, 4, 5, 6, 7, 8}), []uint16{1, 3, 4, 2, 3, 4, 5, 7, 8, 6, 7, 8}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if n := f.frameBytes(); n != 8 {
		t.Errorf("a frame has %d bytes, want 8", n)
	}
}

// What is not read is an error that names the syntax and the command.
func TestNotRead(t *testing.T) {
	for name, want := range map[string]SyntaxError{
		"not_big":      {Syntax{explicitBE, "Explicit VR Big Endian"}, toLittle},
		"not_lossless": {Syntax{"1.2.840.10008.1.2.4.70", "JPEG Lossless, first-order prediction"}, unJPEG},
		"not_jpegls":   {Syntax{"1.2.840.10008.1.2.4.80", "JPEG-LS Lossless"}, unJPEGLS},
		"not_j2k":      {Syntax{"1.2.840.10008.1.2.4.90", "JPEG 2000 Lossless"}, unJPEG2K},
	} {
		_, err := Open(path(name))
		var s *SyntaxError
		if !errors.As(err, &s) || *s != want {
			t.Errorf("%s: %v; want %v", name, err, &want)
		} else if m := err.Error(); !strings.Contains(m, want.UID) || !strings.Contains(m, want.Command) || !strings.Contains(m, path(name)) {
			t.Errorf("%s: the error is %q", name, m)
		}
	}
	if _, err := Open(path("not_palette")); err == nil || !strings.Contains(err.Error(), "--apply-lut") {
		t.Errorf("a palette: %v", err)
	}
	unknown := bytes.Replace(bytesOf(t, "explicit_u12"), []byte(explicitLE+"\x00"), []byte("1.2.840.10008.1.2.9\x00"), 1)
	if _, err := Decode(unknown); err == nil || !strings.Contains(err.Error(), "unknown") {
		t.Errorf("an unknown syntax: %v", err)
	}
}

// A data set without its file meta information is read where its beginning says which syntax it is in.
func TestBare(t *testing.T) {
	for _, name := range []string{"explicit_u12", "implicit_s16", "explicit_s12"} {
		b, f := bytesOf(t, name), open(t, name)
		at := bytes.Index(b, []byte{8, 0, 8, 0})
		bare := decode(t, b[at:])
		if !slices.EqualFunc(all(t, bare), all(t, f), slices.Equal) || bare.Syntax != f.Syntax {
			t.Errorf("%s without meta information is another image, in %v", name, bare.Syntax)
		}
		if half := decode(t, b[preamble+len(magic):]); !slices.EqualFunc(all(t, half), all(t, f), slices.Equal) {
			t.Errorf("%s without its preamble is another image", name)
		}
	}
}
