package picture

import (
	"encoding/binary"
	"io"
)

// orientation returns the orientation in a text of EXIF, 1 to 8; 1, upright, where there is none that is sound.
func orientation(r io.ReaderAt) int {
	first, _ := directory(r)
	return first.orientation()
}

// Tags in a directory of TIFF, which EXIF is: of the orientation, of how many numbers a pixel has, and of whether they lie in planes;
// the types of their values; and the most directories that are followed.
const (
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

// directory returns the entries of the first directory of a TIFF, and how many directories there are.
func directory(r io.ReaderAt) (first entries, pages int) {
	head := make([]byte, 8)
	if _, err := r.ReadAt(head, 0); err != nil {
		return first, pages
	}
	var order binary.ByteOrder = binary.LittleEndian
	if head[0] == 'M' {
		order = binary.BigEndian
	}
	seen := map[int64]bool{}
	for at := int64(order.Uint32(head[4:])); at > 0 && !seen[at] && pages < maxPages; pages++ {
		seen[at] = true
		count := make([]byte, 2)
		if _, err := r.ReadAt(count, at); err != nil {
			break
		}
		text := make([]byte, 12*int(order.Uint16(count))+4)
		n, _ := r.ReadAt(text, at+2)
		if pages == 0 {
			first = entries{order, text[:n]}
		}
		if n < len(text) {
			pages++
			break
		}
		at = int64(order.Uint32(text[len(text)-4:]))
	}
	return first, pages
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
