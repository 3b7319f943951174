package picture

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"
)

// Metadata are what a file says beside its pixels. What is written in the file's own format has them as they were, byte for byte;
// in another it has the profile, the resolution and EXIF. Of EXIF a TIFF has the orientation alone: in it EXIF is a directory with
// places of the file, and none such is read or written. What else is not here says how the pixels were stored, or when the file was
// changed, or is of a kind that is not known.
type Metadata struct {
	ICC  []byte   // a profile of colours; of a PNG it is in Own, packed: see Profile
	EXIF []byte   // from the order of its bytes on; where there is more than one, the first
	X, Y float64  // pixels a metre; 0: not said
	Own  []Chunk  // as they are in Format
	Left []string // what the file says and is not here: "exif" and "tags" of a TIFF, "xmp" of a WebP, a "profile" of other colours

	format string
}

// A Chunk is a chunk of PNG, a segment of JPEG, or an entry of a directory of TIFF.
type Chunk struct {
	Name string // of PNG
	Tag  uint16 // of TIFF; the mark of a segment
	Type uint16 // of TIFF
	Body []byte // of TIFF, least bytes first
}

// metadata reads those of a file, which has been decoded; what is not sound in them is left out.
func metadata(format string, file []byte) (m Metadata) {
	m.format = format
	switch format {
	case "PNG":
		m.readPNG(file)
	case "JPEG":
		m.readJPEG(file)
	case "TIFF":
		m.readTIFF(file)
	case "WebP":
		m.readWebP(file)
	case "BMP":
		m.readBMP(file)
	}
	return m
}

// leave says that something is not here.
func (m *Metadata) leave(what string) {
	if !slices.Contains(m.Left, what) {
		m.Left = append(slices.Clip(m.Left), what)
	}
}

// Words reports whether there are some that only a file of its own format has: text of a PNG, XMP, IPTC and comments of a JPEG, of a TIFF
// all but its orientation, resolution and profile.
func (m Metadata) Words() bool {
	return slices.ContainsFunc(m.Own, func(c Chunk) bool {
		switch m.format {
		case "PNG":
			return c.Name == "tEXt" || c.Name == "zTXt" || c.Name == "iTXt"
		case "JPEG":
			return c.Tag != 0xe0 && c.Tag != 0xe2 && !bytes.HasPrefix(c.Body, exifMark)
		}
		return !slices.Contains([]uint16{tagOrientation, tagX, tagY, tagUnit, tagICC}, c.Tag)
	})
}

// LongEXIF reports whether EXIF has more bytes than a JPEG takes.
func (m Metadata) LongEXIF() bool { return len(m.EXIF)+len(exifMark) > longestSegment }

// ofColours reports whether a profile is of red, green and blue, by its head.
func ofColours(profile []byte) bool { return len(profile) >= 20 && string(profile[16:20]) == "RGB " }

// in returns the metadata with Own for a format.
func (m Metadata) in(format string, orientation int) Metadata {
	if format == m.format {
		return m
	}
	if m.EXIF == nil && orientation > 1 {
		m.EXIF = exifOf(orientation)
	}
	m.ICC, m.Own = m.Profile(), nil
	switch format {
	case "PNG":
		m.Own = m.chunks()
	case "JPEG":
		m.Own = m.segments()
	case "TIFF":
		m.Own = m.entries(orientation)
	}
	return m
}

// withoutProfile returns the metadata less the profile.
func (m Metadata) withoutProfile() Metadata {
	m.ICC = nil
	var own []Chunk
	for _, c := range m.Own {
		if c.Name != "iCCP" && c.Tag != tagICC && !(c.Tag == 0xe2 && bytes.HasPrefix(c.Body, iccMark)) {
			own = append(own, c)
		}
	}
	if len(own) < len(m.Own) {
		m.leave("profile")
	}
	m.Own = own
	return m
}

// exifOf returns the least EXIF that says an orientation: the head of a TIFF, and a directory of one entry.
func exifOf(orientation int) []byte {
	b := []byte("II*\x00\x08\x00\x00\x00\x01\x00")
	b = binary.LittleEndian.AppendUint16(b, tagOrientation)
	b = binary.LittleEndian.AppendUint16(b, typeShort)
	b = binary.LittleEndian.AppendUint32(b, 1)
	b = binary.LittleEndian.AppendUint32(b, uint32(orientation))
	return binary.LittleEndian.AppendUint32(b, 0)
}

// readWebP takes the profile and EXIF; XMP stays behind.
func (m *Metadata) readWebP(file []byte) {
	for at := 12; at+8 <= len(file); {
		n := int64(binary.LittleEndian.Uint32(file[at+4:]))
		if n > int64(len(file)-at-8) {
			return
		}
		body := file[at+8:][:n]
		switch string(file[at:][:4]) {
		case "ICCP":
			m.ICC = body
		case "EXIF":
			if m.EXIF == nil {
				m.EXIF = bytes.TrimPrefix(body, exifMark)
			}
		case "XMP ":
			m.leave("xmp")
		}
		at += 8 + int(n+n&1)
	}
}

// readBMP takes the resolution, which older heads do not have.
func (m *Metadata) readBMP(file []byte) {
	if len(file) < 54 || binary.LittleEndian.Uint32(file[14:]) < 40 {
		return
	}
	x, y := int32(binary.LittleEndian.Uint32(file[38:])), int32(binary.LittleEndian.Uint32(file[42:]))
	if x > 0 && y > 0 {
		m.X, m.Y = float64(x), float64(y)
	}
}

const inch = 0.0254 // metres

// perInch returns a resolution in whole pixels an inch; 0 where it is none.
func perInch(perMetre float64) uint32 { return uint32(math.Round(min(max(perMetre*inch, 0), 65535))) }
