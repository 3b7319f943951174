package hdf5

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// The filters that are read.
const (
	gzip       = 1
	shuffle    = 2
	fletcher32 = 3
)

var filterNames = map[int]string{4: "szip", 5: "nbit", 6: "scaleoffset", 32000: "lzf", 32001: "blosc", 32004: "lz4", 32008: "bitshuffle", 32015: "zstd"}

// A filter is one that chunks went through.
type filter struct {
	id     int
	values []uint64
}

const maxFilters = 32

// readFilters reads a pipeline of filters, in the order of writing.
func readFilters(c *cursor) (all []filter, err error) {
	version, n := c.u8(), c.u8()
	if version == 1 {
		c.bytes(6)
	} else if version != 2 {
		return nil, fmt.Errorf("its filters have version %d; 1 and 2 are read", version)
	}
	if n > maxFilters {
		return nil, fmt.Errorf("it has %d filters; up to %d are read", n, maxFilters)
	}
	for range n {
		f := filter{id: c.u16()}
		name := 0
		if version == 1 || f.id >= 256 {
			name = c.u16()
		}
		c.bytes(2)
		count := c.u16()
		if version == 1 {
			name = (name + 7) &^ 7
		}
		c.bytes(name)
		for range min(count, c.left()/4) {
			f.values = append(f.values, c.u32())
		}
		if version == 1 && count%2 != 0 {
			c.bytes(4)
		}
		if f.id != gzip && f.id != shuffle && f.id != fletcher32 {
			return nil, fmt.Errorf("its chunks went through filter %d (%s), which is not read; "+
				"write the file again: h5repack -f GZIP=4 IN OUT", f.id, filterNames[f.id])
		}
		all = append(all, f)
	}
	if c.short {
		return nil, errors.New("its filters are damaged")
	}
	return all, nil
}

// deflateRatio is the most that deflate can hold.
const deflateRatio = 1032

// unpack takes a chunk's filters off, the last first, those of the mask left out.
func (d *Dataset) unpack(b []byte, mask uint64) (_ []byte, err error) {
	want := int(d.chunkBytes())
	for i := len(d.filters) - 1; i >= 0; i-- {
		if mask>>i&1 != 0 {
			continue
		}
		switch f := d.filters[i]; f.id {
		case gzip:
			b, err = gunzip(b, want+4)
		case shuffle:
			b = unshuffle(b, d.Type.Size)
		case fletcher32:
			b, err = checked(b)
		}
		if err != nil {
			return nil, err
		}
	}
	if len(b) != want {
		return nil, fmt.Errorf("it unpacks to %d bytes; a chunk has %d", len(b), want)
	}
	return b, nil
}

// gunzip unpacks at most limit bytes.
func gunzip(b []byte, limit int) ([]byte, error) {
	z, err := zlib.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	limit = int(min(int64(limit), deflateRatio*int64(len(b))+64)) // the product may be above what an int of 32 bits holds
	var all bytes.Buffer
	all.Grow(limit + 1 + bytes.MinRead)
	if n, err := all.ReadFrom(io.LimitReader(z, int64(limit)+1)); err != nil {
		return nil, err
	} else if n > int64(limit) {
		return nil, errors.New("it unpacks to more than a chunk has")
	}
	return all.Bytes(), nil
}

// unshuffle puts the bytes of elements together again: first are the first bytes of all. What is left over is at the end.
func unshuffle(b []byte, size int) []byte {
	n := len(b) / size
	z := make([]byte, len(b))
	for k := range size {
		for i, v := range b[k*n : (k+1)*n] {
			z[i*size+k] = v
		}
	}
	copy(z[n*size:], b[n*size:])
	return z
}

// checked returns the bytes before their sum, which must be theirs.
func checked(b []byte) ([]byte, error) {
	if len(b) < 4 {
		return nil, errors.New("it has no sum")
	}
	n := len(b) - 4
	if got, want := fletcher(b[:n]), binary.LittleEndian.Uint32(b[n:]); got != want {
		return nil, fmt.Errorf("its sum is %#x and must be %#x; the file is damaged", got, want)
	}
	return b[:n], nil
}

// fletcher is Fletcher's sum of 32 bits, of numbers of 16, big endian, modulo 2¹⁶ − 1 with both zeros.
func fletcher(b []byte) uint32 {
	var s1, s2 uint32
	fold := func(s uint32) uint32 { return s&0xffff + s>>16 }
	for k := 0; k < len(b); k += 2 {
		v := uint32(b[k]) << 8
		if k+1 < len(b) {
			v |= uint32(b[k+1])
		}
		s1 = fold(s1 + v)
		s2 = fold(s2 + s1)
	}
	return fold(s2)<<16 | fold(s1)
}
