package picture

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"io"
	"math"
	"slices"
)

const (
	tagX, tagY, tagUnit = 282, 283, 296
	tagICC              = 34675
	tagEXIF, tagGPS     = 34665, 34853 // the places of their directories
	typeRational        = 5
	typeUndefined       = 7
)

// keptTags say nothing of how the pixels are stored: descriptions, makers, resolution, times, XMP, rights, the profile.
var keptTags = []uint16{270, 271, 272, tagOrientation, tagX, tagY, tagUnit, 305, 306, 315, 700, 33432, tagICC}

// storedTags say how the pixels are stored, which is as it is written, or which page of a file they are.
var storedTags = []uint16{254, 255, 256, 257, 258, 259, 262, 263, 264, 265, 266, 273, tagSamples, 278, 279, 280, 281, tagPlanar, 288, 289, 290,
	291, 292, 293, 297, 317, 320, 322, 323, 324, 325, 332, 334, 336, 338, 339, 340, 341, 347, 512, 513, 514, 515, 517, 518, 519, 520, 521, 529,
	530, 531, 532}

// typeSizes are the bytes of a value of each type, and of the words in it, whose order is the file's.
var typeSizes = map[uint16][2]int{1: {1, 1}, 2: {1, 1}, 3: {2, 2}, 4: {4, 4}, 5: {8, 4}, 6: {1, 1}, 7: {1, 1}, 8: {2, 2}, 9: {4, 4}, 10: {8, 4}}

// readTIFF takes the entries of the first directory.
func (m *Metadata) readTIFF(file []byte) {
	var order binary.ByteOrder = binary.LittleEndian
	if file[0] == 'M' {
		order = binary.BigEndian
	}
	at := int64(order.Uint32(file[4:]))
	if at < 8 || at+2 > int64(len(file)) {
		return
	}
	n := int(order.Uint16(file[at:]))
	unit := uint16(2)
	for rest := file[at+2:]; n > 0 && len(rest) >= 12; n, rest = n-1, rest[12:] {
		c, ok := entryOf(file, rest, order)
		if !ok || !slices.Contains(keptTags, c.Tag) || slices.ContainsFunc(m.Own, func(o Chunk) bool { return o.Tag == c.Tag }) {
			m.leaveTag(c.Tag)
			continue
		}
		m.Own = append(m.Own, c)
		switch {
		case c.Tag == tagICC:
			m.ICC = c.Body
		case c.Tag == tagX && c.Type == typeRational:
			m.X = ratio(c.Body)
		case c.Tag == tagY && c.Type == typeRational:
			m.Y = ratio(c.Body)
		case c.Tag == tagUnit && len(c.Body) >= 2:
			unit = binary.LittleEndian.Uint16(c.Body)
		}
	}
	scale := map[uint16]float64{2: 1 / inch, 3: 100}[unit]
	m.X, m.Y = m.X*scale, m.Y*scale
}

// leaveTag says that an entry is not here, unless it is of the pixels alone.
func (m *Metadata) leaveTag(tag uint16) {
	switch {
	case tag == tagEXIF || tag == tagGPS:
		m.leave("exif")
	case !slices.Contains(storedTags, tag):
		m.leave("tags")
	}
}

// entryOf reads an entry and its values, least bytes first; false where they are not within the file.
func entryOf(file, e []byte, order binary.ByteOrder) (c Chunk, ok bool) {
	c.Tag, c.Type = order.Uint16(e), order.Uint16(e[2:])
	size, known := typeSizes[c.Type]
	n := int64(order.Uint32(e[4:])) * int64(size[0])
	if !known || n == 0 || n > int64(len(file)) {
		return c, false
	}
	body := e[8:12]
	if n > 4 {
		at := int64(order.Uint32(e[8:]))
		if at+n > int64(len(file)) {
			return c, false
		}
		body = file[at:]
	}
	c.Body = bytes.Clone(body[:n])
	if order == binary.ByteOrder(binary.BigEndian) {
		for w := c.Body; len(w) >= size[1]; w = w[size[1]:] {
			slices.Reverse(w[:size[1]])
		}
	}
	return c, true
}

// ratio returns a rational number; 0 where it is none.
func ratio(b []byte) float64 {
	below := binary.LittleEndian.Uint32(b[4:])
	if below == 0 {
		return 0
	}
	return float64(binary.LittleEndian.Uint32(b)) / float64(below)
}

// entries returns the metadata of another format as those of TIFF.
func (m *Metadata) entries(orientation int) (all []Chunk) {
	short := func(v int) []byte { return binary.LittleEndian.AppendUint16(nil, uint16(v)) }
	if orientation > 1 {
		all = append(all, Chunk{Tag: tagOrientation, Type: typeShort, Body: short(orientation)})
	}
	if m.X > 0 && m.Y > 0 && max(m.X, m.Y) < math.MaxUint32/100 {
		for tag, v := range map[uint16]float64{tagX: m.X, tagY: m.Y} { // pixels a centimetre, of which a metre has 100
			b := binary.LittleEndian.AppendUint32(nil, uint32(math.Round(v)))
			all = append(all, Chunk{Tag: tag, Type: typeRational, Body: binary.LittleEndian.AppendUint32(b, 100)})
		}
		all = append(all, Chunk{Tag: tagUnit, Type: typeShort, Body: short(3)})
	}
	if m.ICC != nil {
		all = append(all, Chunk{Tag: tagICC, Type: typeUndefined, Body: m.ICC})
	}
	return all
}

// encodeTIFF writes a TIFF of 8 or 16 bits in one strip, deflated, each number less the one to its left (predictor 2). Package
// tiff of x/image knows no three channels without a fourth, and no metadata.
func encodeTIFF(w io.Writer, m *Image, alpha []uint16, depth int, kept []Chunk) error {
	samples, photometric := m.C, uint32(1)
	if m.C == 3 {
		photometric = 2
	}
	if alpha != nil {
		samples++
		kept = append(slices.Clone(kept), Chunk{Tag: 338, Type: typeShort, Body: []byte{2, 0}}) // not multiplied by alpha
	}
	strip := deflated(m.strip(alpha, depth))
	for tag, v := range map[uint16]uint32{256: uint32(m.W), 257: uint32(m.H), 259: 8, 262: photometric, 273: 8, 277: uint32(samples),
		278: uint32(m.H), 279: uint32(len(strip)), 317: 2} {
		kept = append(slices.Clip(kept), Chunk{Tag: tag, Type: typeLong, Body: binary.LittleEndian.AppendUint32(nil, v)})
	}
	depths := bytes.Repeat([]byte{byte(depth), 0}, samples)
	kept = append(kept, Chunk{Tag: 258, Type: typeShort, Body: depths})
	_, err := w.Write(directoryOf(append([]byte("II*\x00\x00\x00\x00\x00"), strip...), kept))
	return err
}

// directoryOf appends values and a directory of them to a file, whose head then names it.
func directoryOf(file []byte, entries []Chunk) []byte {
	order := binary.LittleEndian
	slices.SortFunc(entries, func(a, b Chunk) int { return cmp.Compare(a.Tag, b.Tag) })
	even := func() { file = append(file, make([]byte, len(file)&1)...) }
	directory := order.AppendUint16(nil, uint16(len(entries)))
	for _, c := range entries {
		directory = order.AppendUint16(order.AppendUint16(directory, c.Tag), c.Type)
		directory = order.AppendUint32(directory, uint32(len(c.Body)/typeSizes[c.Type][0]))
		if len(c.Body) <= 4 {
			directory = append(append(directory, c.Body...), make([]byte, 4-len(c.Body))...)
			continue
		}
		even()
		directory = order.AppendUint32(directory, uint32(len(file)))
		file = append(file, c.Body...)
	}
	even()
	order.PutUint32(file[4:], uint32(len(file)))
	return append(append(file, directory...), 0, 0, 0, 0)
}

// strip returns the rows, least bytes first.
func (m *Image) strip(alpha []uint16, depth int) (z []byte) {
	samples := m.C
	if alpha != nil {
		samples++
	}
	last := make([]uint16, samples)
	put := func(k int, v uint16) {
		d := v - last[k]
		last[k] = v
		if z = append(z, byte(d)); depth == 16 {
			z = append(z, byte(d>>8))
		}
	}
	for p := range m.H * m.W {
		if p%m.W == 0 {
			clear(last)
		}
		for k, v := range m.Pix[p*m.C:][:m.C] {
			put(k, v>>(16-depth))
		}
		if alpha != nil {
			put(m.C, alpha[p]>>(16-depth))
		}
	}
	return z
}
