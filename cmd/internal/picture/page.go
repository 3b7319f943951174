package picture

import (
	"encoding/binary"
	"fmt"
	"io"
	"slices"
)

// IsTIFF reports whether a file that begins so is a TIFF: four bytes tell.
func IsTIFF(start []byte) bool {
	return slices.ContainsFunc(formats, func(f format) bool { return f.name == "TIFF" && f.begins(start) })
}

// Page returns a TIFF whose first page is page k of r, counted from 0: all else stays where it is.
func Page(r io.ReaderAt, k int) (io.ReaderAt, error) {
	head := make([]byte, 8)
	if _, err := r.ReadAt(head, 0); err != nil {
		return nil, err
	}
	var order binary.ByteOrder = binary.LittleEndian
	if head[0] == 'M' {
		order = binary.BigEndian
	}
	for range k {
		at := int64(order.Uint32(head[4:]))
		count := make([]byte, 2)
		if _, err := r.ReadAt(count, at); err != nil {
			return nil, fmt.Errorf("page %d is not there: %w", k, err)
		}
		if _, err := r.ReadAt(head[4:], at+2+12*int64(order.Uint16(count))); err != nil {
			return nil, fmt.Errorf("page %d is not there: %w", k, err)
		}
	}
	if order.Uint32(head[4:]) == 0 {
		return nil, fmt.Errorf("page %d is not there", k)
	}
	return &page{r, head}, nil
}

type page struct {
	io.ReaderAt
	head []byte
}

// ReadAt reads with another head.
func (p *page) ReadAt(b []byte, at int64) (int, error) {
	n, err := p.ReaderAt.ReadAt(b, at)
	if at >= 0 && at < int64(len(p.head)) {
		copy(b[:n], p.head[at:])
	}
	return n, err
}
