package dicom

import (
	"encoding/binary"
	"fmt"
)

const (
	rleHeader = 64 // bytes of a frame's header: 16 numbers of 32 bits, the number of segments and where they begin
	rleRatio  = 64 // two bytes become at most 128
)

// decodeRLE unpacks a frame (PS3.5, annex G): a segment for each byte of each sample, the highest byte first.
func (f *File) decodeRLE(b []byte) ([]uint16, error) {
	bytes := f.BitsAllocated / 8
	segments := f.Samples * bytes
	if len(b) < rleHeader {
		return nil, fmt.Errorf("%d bytes of RLE are fewer than its header has", len(b))
	}
	if n := binary.LittleEndian.Uint32(b); n != uint32(segments) {
		return nil, fmt.Errorf("RLE has %d segments; %d samples of %d bytes have %d", n, f.Samples, bytes, segments)
	}
	if int64(f.Rows)*int64(f.Columns) > rleRatio*int64(len(b)) {
		return nil, fmt.Errorf("%d bytes of RLE cannot be %s", len(b), Size(f.Rows, f.Columns))
	}
	w := make([]uint16, f.size())
	for s := range segments {
		from, to := uint64(binary.LittleEndian.Uint32(b[4+4*s:])), uint64(len(b))
		if s+1 < segments {
			to = uint64(binary.LittleEndian.Uint32(b[8+4*s:]))
		}
		if from < rleHeader || from > to || to > uint64(len(b)) {
			return nil, fmt.Errorf("segment %d of RLE is from byte %d to %d of %d", s, from, to, len(b))
		}
		if err := unpackBits(w[s/bytes:], f.Samples, 8*(bytes-1-s%bytes), f.Rows*f.Columns, b[from:to]); err != nil {
			return nil, fmt.Errorf("segment %d of RLE: %w", s, err)
		}
	}
	return w, nil
}

// unpackBits sets n bytes, those at the shift of every stride-th word, to what PackBits hold: a count c < 128 and c+1 bytes, or
// c > 128 and one byte 257−c times. What is left over at the end of a segment is padding.
func unpackBits(w []uint16, stride, shift, n int, b []byte) error {
	k := 0
	set := func(v byte) {
		w[k*stride] |= uint16(v) << shift
		k++
	}
	for k < n {
		if len(b) < 2 {
			return fmt.Errorf("it ends after %d of %d bytes", k, n)
		}
		c := int(b[0])
		switch {
		case c < 128:
			count := min(c+1, n-k)
			if len(b) < 1+count {
				return fmt.Errorf("it ends after %d of %d bytes", k, n)
			}
			for _, v := range b[1 : 1+count] {
				set(v)
			}
			b = b[min(len(b), c+2):]
		case c > 128:
			for range min(257-c, n-k) {
				set(b[1])
			}
			b = b[2:]
		default:
			b = b[1:]
		}
	}
	return nil
}
