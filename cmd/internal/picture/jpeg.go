package picture

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/jpeg"
	"io"
)

// Quality is that of the JPEGs that are written.
const Quality = 95

var (
	jfifMark = []byte("JFIF\x00")
	iccMark  = []byte("ICC_PROFILE\x00")
)

// readJPEG takes the segments before the pixels.
func (m *Metadata) readJPEG(file []byte) {
	parts := map[byte][]byte{}
	for at := 2; at+4 <= len(file); {
		if file[at] != 0xff {
			at++
			continue
		}
		kind := file[at+1]
		if kind == 0xff || kind <= 1 || kind >= 0xd0 && kind <= 0xd8 {
			at++
			continue
		}
		n := int(binary.BigEndian.Uint16(file[at+2:]))
		if kind == 0xd9 || kind == 0xda || n < 2 || at+2+n > len(file) {
			break
		}
		m.takeJPEG(kind, file[at+4:at+2+n], parts)
		at += 2 + n
	}
	for i := byte(1); parts[i] != nil; i++ {
		m.ICC = append(m.ICC, parts[i]...)
		if i == 255 {
			break
		}
	}
}

// takeJPEG takes a segment. APP14 says how the pixels are stored, and an APP2 that is no profile where others are: they go.
func (m *Metadata) takeJPEG(kind byte, body []byte, parts map[byte][]byte) {
	isICC := kind == 0xe2 && bytes.HasPrefix(body, iccMark) && len(body) > len(iccMark)+2
	if kind < 0xe0 || kind > 0xef && kind != 0xfe || kind == 0xee || kind == 0xe2 && !isICC {
		return
	}
	m.Own = append(m.Own, Chunk{Tag: uint16(kind), Body: body})
	switch {
	case isICC:
		parts[body[len(iccMark)]] = body[len(iccMark)+2:]
	case kind == 0xe1 && m.EXIF == nil && bytes.HasPrefix(body, exifMark):
		m.EXIF = body[len(exifMark):]
	case kind == 0xe0 && bytes.HasPrefix(body, jfifMark) && len(body) >= 12:
		m.X, m.Y = density(body[7], binary.BigEndian.Uint16(body[8:]), binary.BigEndian.Uint16(body[10:]))
	}
}

// density returns a resolution of JFIF in pixels a metre.
func density(unit byte, x, y uint16) (float64, float64) {
	switch unit {
	case 1:
		return float64(x) / inch, float64(y) / inch
	case 2:
		return float64(x) * 100, float64(y) * 100
	}
	return 0, 0
}

// longestSegment is how many bytes a segment has at most.
const longestSegment = 65533

// segments returns the metadata of another format as those of JPEG. EXIF that is longer than a segment goes.
func (m *Metadata) segments() (all []Chunk) {
	if x, y := perInch(m.X), perInch(m.Y); x > 0 && y > 0 {
		b := append(bytes.Clone(jfifMark), 1, 2, 1)
		b = binary.BigEndian.AppendUint16(b, uint16(x))
		all = append(all, Chunk{Tag: 0xe0, Body: append(binary.BigEndian.AppendUint16(b, uint16(y)), 0, 0)})
	}
	if m.EXIF != nil && !m.LongEXIF() {
		all = append(all, Chunk{Tag: 0xe1, Body: append(bytes.Clone(exifMark), m.EXIF...)})
	}
	part := longestSegment - len(iccMark) - 2
	if of := (len(m.ICC) + part - 1) / part; of <= 255 {
		for i := range of {
			b := append(bytes.Clone(iccMark), byte(i+1), byte(of))
			all = append(all, Chunk{Tag: 0xe2, Body: append(b, m.ICC[i*part:min((i+1)*part, len(m.ICC))]...)})
		}
	}
	return all
}

// encodeJPEG writes a JPEG of 8 bits. What is not opaque is laid over white, as JPEG has no alpha.
func encodeJPEG(w io.Writer, m *Image, alpha []uint16, kept []Chunk) error {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m.bytes(alpha), &jpeg.Options{Quality: Quality}); err != nil {
		return err
	}
	head := bytes.Clone(b.Bytes()[:2])
	for _, c := range kept {
		head = append(head, 0xff, byte(c.Tag))
		head = binary.BigEndian.AppendUint16(head, uint16(len(c.Body)+2))
		head = append(head, c.Body...)
	}
	if _, err := w.Write(head); err != nil {
		return err
	}
	_, err := w.Write(b.Bytes()[2:])
	return err
}

// bytes returns the picture in 8 bits, opaque.
func (m *Image) bytes(alpha []uint16) image.Image {
	level := func(i, p int) uint8 {
		v := uint64(m.Pix[i])
		if alpha != nil {
			a := uint64(alpha[p])
			v = (v*a + 65535*(65535-a) + 32767) / 65535
		}
		return uint8((v*255 + 32767) / 65535)
	}
	box := image.Rect(0, 0, m.W, m.H)
	if m.C == 1 {
		z := image.NewGray(box)
		for p := range z.Pix {
			z.Pix[p] = level(p, p)
		}
		return z
	}
	z := image.NewRGBA(box)
	for p := range m.H * m.W {
		copy(z.Pix[4*p:], []uint8{level(3*p, p), level(3*p+1, p), level(3*p+2, p), 255})
	}
	return z
}
