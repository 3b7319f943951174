package picture

import (
	"bytes"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"slices"
	"strings"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
	"golang.org/x/image/webp"
)

// A format is one of those that are read.
type format struct {
	name       string
	magic      []string // ? stands for any byte
	extensions []string
	config     func(io.Reader) (image.Config, error)
	decode     func(io.Reader) (image.Image, error)
	about      func(watched) (about, error)
	cure       func(file []byte) []byte // what may be read instead of a file that cannot; nil: nothing
	canvas     bool                     // the picture may be a part of its canvas
}

// About is what a format says of a picture and its decoder does not tell.
type about struct {
	orientation  int // in EXIF, 1 to 8; 0: it is not said
	more         int
	grey, colour bool // it is so, whatever the decoder's model
	dicom        bool
	windows      int   // of DICOM
	unshown      error // of DICOM: what is wrong with its windows
}

var formats = []format{
	{"PNG", []string{"\x89PNG\r\n\x1a\n"}, []string{".png"}, png.DecodeConfig, png.Decode, aboutPNG, nil, false},
	{"JPEG", []string{"\xff\xd8"}, []string{".jpg", ".jpeg", ".jpe", ".jfif"}, jpeg.DecodeConfig, jpeg.Decode, aboutJPEG, cureJPEG, false},
	{"TIFF", []string{"II*\x00", "MM\x00*"}, []string{".tif", ".tiff"}, tiff.DecodeConfig, tiff.Decode, aboutTIFF, nil, false},
	{"BMP", []string{"BM????\x00\x00\x00\x00"}, []string{".bmp"}, bmp.DecodeConfig, bmp.Decode, aboutNothing, nil, false},
	{"GIF", []string{"GIF87a", "GIF89a"}, []string{".gif"}, gif.DecodeConfig, gif.Decode, aboutGIF, nil, true},
	{"WebP", []string{"RIFF????WEBP"}, []string{".webp"}, webp.DecodeConfig, decodeWebP, aboutWebP, nil, false},
	{"DICOM", nil, []string{".dcm"}, configDICOM, decodeDICOM, aboutDICOM, nil, false}, // known by dicom.Is
}

// Formats names the formats.
func Formats() (names []string) {
	for _, f := range formats {
		names = append(names, f.name)
	}
	return names
}

// Extensions are those of the names of pictures, in small letters.
func Extensions() (all []string) {
	for _, f := range formats {
		all = append(all, f.extensions...)
	}
	return all
}

// begins reports whether a file that starts so is of the format.
func (f *format) begins(start []byte) bool {
	for _, magic := range f.magic {
		if len(start) < len(magic) {
			continue
		}
		same := true
		for i := range magic {
			same = same && (magic[i] == '?' || magic[i] == start[i])
		}
		if same {
			return true
		}
	}
	return false
}

// unread are what errors say of a file that is whole, of a kind that is not read.
var unread = []string{"nsupported", "not implemented", "wrong number of samples", "tags are not sorted"}

// advise says of what format a picture is that cannot be read, and what can be done where the format has kinds that are not.
func (f *format) advise(err error) error {
	if f.name == "DICOM" {
		return fmt.Errorf("DICOM: %w", err) // it says what to do itself
	}
	text := strings.TrimPrefix(err.Error(), strings.ToLower(f.name)+": ")
	if slices.ContainsFunc(unread, func(s string) bool { return strings.Contains(text, s) }) {
		return notRead(f.name, text)
	}
	return fmt.Errorf("%s: %s; the file is damaged or cut off: take another copy of it", f.name, text)
}

// notRead is the error of a file of a format whose kind is not read.
func notRead(format, kind string) error {
	return fmt.Errorf("a %s of a kind that is not read (%.100s): convert it, as by: magick FILE NEW.png", format, kind)
}

// cureJPEG returns a file that lacks only the mark of its end, with it; nil where something else is wrong: of several scans
// some may be missing.
func cureJPEG(file []byte) []byte {
	s, err := segmentsOf(bytes.NewReader(file))
	if err != nil || s.frame > 1 || s.scanned < s.components || bytes.HasSuffix(file, endOfImage) {
		return nil
	}
	if file[len(file)-1] == 0xff {
		file = file[:len(file)-1]
	}
	return append(bytes.Clone(file), endOfImage...)
}

var endOfImage = []byte("\xff\xd9")
