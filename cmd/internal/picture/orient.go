package picture

import (
	"bytes"
	"encoding/binary"
	"io"
)

// orientation returns the orientation in a text of EXIF, 1 to 8; 1, upright, where there is none that is sound.
func orientation(text []byte) int { return directory(bytes.NewReader(text)).orientation() }

// Tags in a directory of TIFF, which EXIF is: of the picture's size and its tiles', of the orientation, of how many numbers a pixel has,
// and of whether they lie in planes; the types of their values; and the most directories that are followed.
const (
	tagWidth       = 256
	tagHeight      = 257
	tagTileWidth   = 322
	tagTileHeight  = 323
	tagOrientation = 0x112
	tagSamples     = 277
	tagPlanar      = 284
	planar         = 2
	typeShort      = 3
	typeLong       = 4
	maxPages       = 1 << 16
)

// Entries are those of a directory of TIFF, as they are in the file.
type entries struct {
	order binary.ByteOrder
	text  []byte
}

// begin returns the order of a TIFF's bytes, and where its first directory is; 0 where there is none.
func begin(r io.ReaderAt) (order binary.ByteOrder, at int64) {
	order = binary.LittleEndian
	head := make([]byte, 8)
	if _, err := r.ReadAt(head, 0); err != nil {
		return order, 0
	}
	if head[0] == 'M' {
		order = binary.BigEndian
	}
	return order, int64(order.Uint32(head[4:]))
}

// directory returns the entries of the first directory of a TIFF, of those that it claims as many as are there.
func directory(r io.ReaderAt) entries {
	order, at := begin(r)
	count := make([]byte, 2)
	if _, err := r.ReadAt(count, at); at == 0 || err != nil {
		return entries{order, nil}
	}
	text, _ := io.ReadAll(io.NewSectionReader(r, at+2, 12*int64(order.Uint16(count))))
	return entries{order, text}
}

// pages returns how many directories a TIFF has. It reads of each how long it is and where the next is, for all may claim the same bytes.
func pages(r io.ReaderAt) (n int) {
	order, at := begin(r)
	word, seen := make([]byte, 4), map[int64]bool{}
	for ; at > 0 && !seen[at] && n < maxPages; n++ {
		seen[at] = true
		if _, err := r.ReadAt(word[:2], at); err != nil {
			return n
		}
		if _, err := r.ReadAt(word, at+2+12*int64(order.Uint16(word))); err != nil {
			return n + 1
		}
		at = int64(order.Uint32(word))
	}
	return n
}

// number returns the first value of a tag, of 16 or 32 bits; 0 where there is none.
func (e entries) number(tag uint16) int {
	for t := e.text; len(t) >= 12; t = t[12:] {
		switch kind := e.order.Uint16(t[2:]); {
		case e.order.Uint16(t) != tag:
		case kind == typeShort:
			return int(e.order.Uint16(t[8:]))
		case kind == typeLong:
			return int(e.order.Uint32(t[8:]))
		}
	}
	return 0
}

// single reports whether a tag, if it is there, has one value, of 16 or 32 bits: that which number returns.
func (e entries) single(tag uint16) bool {
	for t := e.text; len(t) >= 12; t = t[12:] {
		kind, n := e.order.Uint16(t[2:]), e.order.Uint32(t[4:])
		if e.order.Uint16(t) == tag && (kind != typeShort && kind != typeLong || n != 1) {
			return false
		}
	}
	return true
}

// tilesFit reports whether a tile, if there are any, has hardly more pixels than the picture, or few: the decoder unpacks it whole.
func (e entries) tilesFit() bool {
	for _, tag := range []uint16{tagWidth, tagHeight, tagTileWidth, tagTileHeight} {
		if !e.single(tag) {
			return false
		}
	}
	pixels := int64(e.number(tagWidth)) * int64(e.number(tagHeight))
	return int64(e.number(tagTileWidth))*int64(e.number(tagTileHeight)) <= max(always, pixels+pixels/8)
}

// orientation returns the orientation; 1 where none is sound.
func (e entries) orientation() int {
	if o := e.number(tagOrientation); o >= 1 && o <= 8 {
		return o
	}
	return 1
}

// upright returns m as it is shown with an orientation of EXIF, which says where the first row and the first column are seen:
// 1 top and left, 2 top and right, 3 bottom and right, 4 bottom and left, 5 left and top, 6 right and top, 7 right and bottom,
// 8 left and bottom.
func (m *Image) upright(orientation int) *Image {
	if orientation <= 1 {
		return m
	}
	if orientation >= 5 {
		m = m.transpose()
	}
	if o := orientation; o == 2 || o == 3 || o == 6 || o == 7 {
		m.mirrorRows()
	}
	if o := orientation; o == 3 || o == 4 || o == 7 || o == 8 {
		m.swapRows()
	}
	return m
}

// mirrorRows reverses the pixels of each row, in place.
func (m *Image) mirrorRows() {
	for y := range m.H {
		row := m.Pix[y*m.W*m.C:][:m.W*m.C]
		for i, j := 0, m.W-1; i < j; i, j = i+1, j-1 {
			for c := range m.C {
				row[i*m.C+c], row[j*m.C+c] = row[j*m.C+c], row[i*m.C+c]
			}
		}
	}
}

// swapRows reverses the rows, in place.
func (m *Image) swapRows() {
	n := m.W * m.C
	for i, j := 0, m.H-1; i < j; i, j = i+1, j-1 {
		for k := range n {
			m.Pix[i*n+k], m.Pix[j*n+k] = m.Pix[j*n+k], m.Pix[i*n+k]
		}
	}
}
