package dicom

import (
	"bytes"
	"encoding/binary"
	"image"
	"slices"
	"testing"
)

// insert returns a file with more elements before the patient's name.
func insert(t testing.TB, name string, elements ...[]byte) []byte {
	t.Helper()
	b := bytesOf(t, name)
	at := bytes.Index(b, []byte("\x10\x00\x10\x00PN"))
	if at < 0 {
		t.Fatal("there is no name")
	}
	return slices.Concat(b[:at], slices.Concat(elements...), b[at:])
}

// items returns an item of undefined length with such elements, and the end of the sequence.
func items(inside []byte) []byte {
	b := binary.LittleEndian.AppendUint32(tagBytes(item), undefinedLength)
	b = append(b, inside...)
	b = append(b, headBytes(itemEnd, vr{}, 0, false)...)
	return append(b, headBytes(sequenceEnd, vr{}, 0, false)...)
}

// A sequence of unknown representation has implicit elements in an explicit file, and stays; so do representations of later standards.
func TestUnknown(t *testing.T) {
	implicit := encode(0x00091101, "LO", "implicit", false)
	sequence := append(headBytes(0x00091010, unknownVR, undefinedLength, true), items(implicit)...)
	later := append(headBytes(0x00091011, vr{'Z', 'Z'}, 70000, true), make([]byte, 70000)...)
	f := decode(t, insert(t, "explicit_s12", sequence, later))
	z := decode(t, derive(t, f, all(t, f)))
	for tag, want := range map[Tag][]byte{0x00091010: sequence, 0x00091011: later} {
		if e := find(z.elements, tag); e == nil || !bytes.Equal(e.raw, want) {
			t.Errorf("%v does not stay", tag)
		}
	}
}

// Lengths of groups that change, and tables of compressed frames, go; other groups' lengths stay. Private meta information stays, and what
// it says of the program that wrote the file does not.
func TestGoes(t *testing.T) {
	f := open(t, "rle_u8")
	length := func(tag Tag) element { return element{tag: tag, raw: encode(tag, "UL", "\x01\x02\x03\x04", true)} }
	f.elements = slices.Collect(merge(f.elements, []element{length(0x00080000), length(0x00100000), length(0x00280000), length(0x7FE00000), length(frameOffsets)}))
	f.meta = append(f.meta, element{tag: 0x00020016, raw: encode(0x00020016, "AE", "SENDER", true)},
		element{tag: metaPrivate, raw: encode(metaPrivate, "UI", "1.2.3", true)})
	z := decode(t, derive(t, f, all(t, f)))
	for tag, want := range map[Tag]bool{0x00080000: false, 0x00100000: true, 0x00280000: false, 0x7FE00000: false, frameOffsets: false} {
		if got := find(z.elements, tag) != nil; got != want {
			t.Errorf("%v stays: %v", tag, got)
		}
	}
	if find(z.meta, metaPrivate) == nil || find(z.meta, 0x00020016) != nil {
		t.Error("the wrong meta information stays")
	}
}

// What image/jpeg takes for differences of colour are colours if the file says so, unless the image is a JFIF.
func TestRGBInJPEG(t *testing.T) {
	m := image.NewYCbCr(image.Rect(0, 0, 1, 1), image.YCbCrSubsampleRatio444)
	m.Y[0], m.Cb[0], m.Cr[0] = 10, 20, 30
	for _, c := range []struct {
		photometric string
		jfif, raw   bool
	}{{rgb, false, true}, {rgb, true, false}, {ybrFull, false, false}} {
		f := &File{Header: Header{1, 1, 1, 3, 8, 8, 7, false, c.photometric, false}}
		w, err := f.samples(m, c.jfif)
		if got := slices.Equal(w, []uint16{10, 20, 30}); err != nil || got != c.raw {
			t.Errorf("%s, JFIF %v: %v, %v", c.photometric, c.jfif, w, err)
		}
	}
	if !jfif([]byte("\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01")) || jfif([]byte("\xff\xd8\xff\xdb\x00\x10JFIF\x00\x01")) {
		t.Error("JFIF is not seen")
	}
}
