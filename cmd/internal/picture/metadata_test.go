package picture

import (
	"encoding/binary"
	"image"
	"image/color"
	"slices"
	"testing"
)

// headed returns a profile, or the head of one, of colours of a space.
func headed(space string) []byte {
	b := make([]byte, 128)
	binary.BigEndian.PutUint32(b, uint32(len(b)))
	copy(b[16:], space)
	copy(b[36:], "acsp")
	return b
}

// A profile of red, green and blue goes where the picture is written grey, as one with a palette of greys is, and that is said. All others
// stay, in every format.
func TestProfileOfGreyPicture(t *testing.T) {
	palette := func(last color.Color, profile []byte) []byte {
		file := asPNG(image.NewPaletted(image.Rect(0, 0, 2, 1), color.Palette{color.Gray{9}, last}))
		return with(file, "IDAT", "iCCP", append([]byte("p\x00\x00"), deflated(profile)...))
	}
	tagged := func(channels int, profile []byte) []byte {
		return asTIFF(channels, Chunk{Tag: tagICC, Type: typeUndefined, Body: profile})
	}
	for _, c := range []struct {
		name  string
		file  []byte
		stays bool
	}{
		{"greys, of colours", palette(color.Gray{200}, headed("RGB ")), false},
		{"greys, of greys", palette(color.Gray{200}, headed("GRAY")), true},
		{"greys, without a head", palette(color.Gray{200}, []byte("short")), true},
		{"colours", palette(color.RGBA{200, 0, 0, 255}, headed("RGB ")), true},
		{"a grey TIFF, of colours", tagged(1, headed("RGB ")), false},
		{"a grey TIFF, of greys", tagged(1, headed("GRAY")), true},
		{"a TIFF of colours", tagged(3, headed("RGB ")), true},
	} {
		w := whole(t, c.file)
		if left := slices.Contains(w.About.Left, "profile"); left == c.stays || (w.About.Profile() != nil) != c.stays {
			t.Errorf("%s: %d bytes of profile; %q are left", c.name, len(w.About.Profile()), w.About.Left)
		}
		for _, format := range []string{"PNG", "JPEG", "TIFF"} {
			back := whole(t, encoded(t, w, format))
			if (back.About.Profile() != nil) != c.stays {
				t.Errorf("%s, as a %s: %d bytes of profile", c.name, format, len(back.About.Profile()))
			}
		}
	}
}

// Words are what a file says and no other format is given: text, XMP, IPTC, comments, descriptions. What goes along is none, nor is what
// says how colours are meant.
func TestWords(t *testing.T) {
	file := asPNG(image.NewGray(image.Rect(0, 0, 2, 1)))
	for name, words := range map[string]bool{"tEXt": true, "zTXt": true, "iTXt": true, "eXIf": false, "iCCP": false, "pHYs": false, "gAMA": false} {
		if m := metadata("PNG", with(file, "IDAT", name, []byte("a\x00b"))); m.Words() != words || len(m.Own) != 1 {
			t.Errorf("of a PNG %s: %v, %d chunks", name, m.Words(), len(m.Own))
		}
	}
	jpeg := asJPEG(image.NewGray(image.Rect(0, 0, 2, 1)))
	for _, c := range []struct {
		kind  byte
		body  string
		words bool
	}{
		{0xfe, "a comment", true}, {0xed, "Photoshop 3.0\x00", true}, {0xe1, "http://ns.adobe.com/xap/1.0/\x00", true},
		{0xe1, string(exifMark) + "II*\x00", false}, {0xe2, string(iccMark) + "\x01\x01x", false}, {0xe0, string(jfifMark) + "\x01\x02\x00\x00\x01\x00\x01\x00\x00", false},
	} {
		segment := binary.BigEndian.AppendUint16([]byte{0xff, c.kind}, uint16(len(c.body)+2))
		if m := metadata("JPEG", slices.Concat(jpeg[:2], segment, []byte(c.body), jpeg[2:])); m.Words() != c.words || len(m.Own) != 1 {
			t.Errorf("of a JPEG %x, %q: %v, %d segments", c.kind, c.body, m.Words(), len(m.Own))
		}
	}
	for tag, words := range map[uint16]bool{270: true, 305: true, 315: true, 700: true, 33432: true, tagOrientation: false, tagX: false, tagUnit: false, tagICC: false} {
		if m := metadata("TIFF", asTIFF(1, Chunk{Tag: tag, Type: typeLong, Body: []byte{1, 0, 0, 0}})); m.Words() != words || len(m.Own) != 1 {
			t.Errorf("of a TIFF tag %d: %v, %d tags", tag, m.Words(), len(m.Own))
		}
	}
}

// EXIF is said to be too long for a JPEG exactly where it is not written.
func TestLongEXIF(t *testing.T) {
	for _, n := range []int{1, 65526, 65527, 65528, 1 << 17} {
		w := whole(t, asPNG(image.NewGray(image.Rect(0, 0, 2, 1))))
		w.About.EXIF = make([]byte, n)
		if back := whole(t, encoded(t, w, "JPEG")); (len(back.About.EXIF) == n) == w.About.LongEXIF() {
			t.Errorf("%d bytes: too long is %v, and %d are written", n, w.About.LongEXIF(), len(back.About.EXIF))
		}
	}
}
