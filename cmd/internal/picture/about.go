package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
)

func aboutNothing(watched) (about, error) { return about{}, nil }

// ended drops the error of a file that is cut off: what was seen so far counts, and the decoder gives the better error.
func ended(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return nil
	}
	return err
}

// maxText bounds the metadata that are looked at.
const maxText = 1 << 16

// aboutPNG looks through the chunks: EXIF may also follow the pixels, and where it is there more than once the first counts.
func aboutPNG(r watched) (a about, err error) {
	r.Seek(8, io.SeekStart)
	for {
		var head [8]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return a, ended(err)
		}
		n, name := int64(binary.BigEndian.Uint32(head[:])), string(head[4:])
		body, isEXIF := make([]byte, 0), name == "eXIf" && a.orientation == 0
		if name == "IHDR" || isEXIF || name == "acTL" {
			body = make([]byte, min(n, maxText))
			if _, err := io.ReadFull(r, body); err != nil {
				return a, ended(err)
			}
		}
		switch {
		case name == "IHDR" && len(body) > 9:
			a.grey = body[9] == 4 // grey with transparency, which image/png calls coloured
		case isEXIF:
			a.orientation = orientation(body)
		case name == "acTL" && len(body) >= 4:
			a.more = max(0, int(binary.BigEndian.Uint32(body))-1)
		case name == "IEND":
			return a, nil
		}
		r.Seek(n-int64(len(body))+4, io.SeekCurrent)
	}
}

// The segments of a JPEG before its pixels.
type segments struct {
	frame       byte // 0 and 1: of one pass over the pixels
	components  int
	scanned     int // components in the first scan
	orientation int // of the first EXIF; 0: there is none
}

func aboutJPEG(r watched) (about, error) {
	s, err := segmentsOf(r)
	return about{orientation: s.orientation}, err
}

func segmentsOf(r io.ReadSeeker) (s segments, err error) {
	r.Seek(2, io.SeekStart)
	for {
		var head [4]byte
		if _, err := io.ReadFull(r, head[:1]); err != nil {
			return s, ended(err)
		}
		if head[0] != 0xff {
			continue // image/jpeg passes over what is between segments, too
		}
		for head[1] = 0xff; head[1] == 0xff; {
			if _, err := io.ReadFull(r, head[1:2]); err != nil {
				return s, ended(err)
			}
		}
		kind := head[1]
		if kind <= 1 || kind >= 0xd0 && kind <= 0xd8 {
			continue // no length follows
		}
		if _, err := io.ReadFull(r, head[2:]); err != nil {
			return s, ended(err)
		}
		body := make([]byte, max(0, int(binary.BigEndian.Uint16(head[2:]))-2))
		if _, err := io.ReadFull(r, body); err != nil {
			return s, ended(err)
		}
		if kind == 0xd9 || s.see(kind, body) {
			return s, nil
		}
	}
}

// see takes a segment, and reports whether pixels follow it.
func (s *segments) see(kind byte, body []byte) bool {
	switch {
	case kind == 0xda && len(body) > 0:
		s.scanned = int(body[0])
		return true
	case kind >= 0xc0 && kind <= 0xcf && kind != 0xc4 && kind != 0xc8 && kind != 0xcc && len(body) > 5:
		s.frame, s.components = kind&15, int(body[5])
	case kind == 0xe1 && s.orientation == 0 && bytes.HasPrefix(body, exifMark):
		s.orientation = orientation(body[len(exifMark):])
	}
	return false
}

var exifMark = []byte("Exif\x00\x00")

// aboutTIFF looks through the directories. The decoder would take the planes of a planar TIFF, one for each colour, for pixels, and
// unpack a tile of 17 times the picture.
func aboutTIFF(r watched) (about, error) {
	first := directory(r)
	if first.number(tagPlanar) == planar && first.number(tagSamples) > 1 {
		return about{}, notRead("TIFF", "planar")
	}
	if !first.tilesFit() {
		return about{}, notRead("TIFF", "tiles larger than the picture")
	}
	return about{orientation: first.orientation(), more: max(0, pages(r)-1)}, r.ctx.Err()
}

// aboutWebP looks through the chunks, of EXIF the first.
func aboutWebP(r watched) (a about, err error) {
	r.Seek(12, io.SeekStart)
	for {
		var head [8]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return a, ended(err)
		}
		n := int64(binary.LittleEndian.Uint32(head[4:]))
		read := int64(0)
		switch name := string(head[:4]); {
		case name == "ANIM":
			return a, errors.New("an animated WebP; only still ones are read: take a frame out of it, as by: magick FILE[0] NEW.png")
		case name == "EXIF" && a.orientation == 0:
			body := make([]byte, min(n, maxText))
			if _, err := io.ReadFull(r, body); err != nil {
				return a, ended(err)
			}
			read = int64(len(body))
			a.orientation = orientation(bytes.TrimPrefix(body, exifMark))
		}
		r.Seek(n+n&1-read, io.SeekCurrent)
	}
}
