package hdf5

import (
	"fmt"
	"io"
)

// undefined is the address of what is nowhere, and endless the extent that an array may grow to without an end.
const (
	undefined = ^uint64(0)
	endless   = ^uint64(0)
)

// A cursor reads numbers, little endian, and remembers whether the bytes came to an end.
type cursor struct {
	b     []byte
	at    int
	short bool
	sizes
}

// sizes are the bytes of an address and of a length.
type sizes struct{ offset, length int }

// bytes passes n bytes, and returns them; where there are fewer, none.
func (c *cursor) bytes(n int) []byte {
	if n < 0 || n > len(c.b)-c.at {
		c.short, c.at = true, len(c.b)
		return nil
	}
	c.at += n
	return c.b[c.at-n : c.at]
}

// uint passes a number of n ≤ 8 bytes.
func (c *cursor) uint(n int) uint64 {
	var v uint64
	for i, b := range c.bytes(n) {
		if i < 8 {
			v |= uint64(b) << (8 * i)
		}
	}
	return v
}

func (c *cursor) u8() int     { return int(c.uint(1)) }
func (c *cursor) u16() int    { return int(c.uint(2)) }
func (c *cursor) u32() uint64 { return c.uint(4) }
func (c *cursor) left() int   { return len(c.b) - c.at }

// address passes an address.
func (c *cursor) address() uint64 {
	v := c.uint(c.offset)
	if c.offset < 8 && v == 1<<(8*c.offset)-1 {
		return undefined
	}
	return v
}

// size passes a length.
func (c *cursor) size() uint64 { return c.uint(c.length) }

// limit passes a length that may be endless.
func (c *cursor) limit() uint64 {
	v := c.size()
	if c.length < 8 && v == 1<<(8*c.length)-1 {
		return endless
	}
	return v
}

// magic passes four letters, and reports whether they are those.
func (c *cursor) magic(s string) bool { return string(c.bytes(len(s))) == s }

// read returns n bytes of the file from an address on.
func (f *File) read(at, n uint64, what string) ([]byte, error) {
	if at > uint64(f.size) || n > uint64(f.size)-at || f.base > uint64(f.size)-at-n {
		return nil, fmt.Errorf("%s is to be %d bytes from byte %d on, and the file has %d; it is cut off or damaged", what, n, at, f.size)
	}
	b := make([]byte, n)
	switch k, err := f.r.ReadAt(b, int64(f.base+at)); {
	case k == len(b):
		return b, nil
	case err == io.EOF:
		return nil, fmt.Errorf("%s ends after %d of %d bytes; the file became shorter while it was read: read it again", what, k, n)
	default:
		return nil, fmt.Errorf("%s: %w", what, err)
	}
}

// some is read for at most n bytes, fewer at the end of the file.
func (f *File) some(at, n uint64, what string) (*cursor, error) {
	if end := uint64(f.size) - min(uint64(f.size), f.base); at < end {
		n = min(n, end-at)
	}
	return f.cursor(at, n, what)
}

// cursor returns a cursor over bytes of the file.
func (f *File) cursor(at, n uint64, what string) (*cursor, error) {
	b, err := f.read(at, n, what)
	if err != nil {
		return nil, err
	}
	return &cursor{b: b, sizes: f.sizes}, nil
}

// damaged is the error of a structure that is not what it must be.
func damaged(what string, at uint64) error {
	return fmt.Errorf("%s at byte %d is damaged, or of a version that is not read", what, at)
}

// product multiplies sizes, and reports whether the result is at most limit.
func product(limit uint64, sizes ...uint64) (uint64, bool) {
	p := uint64(1)
	for _, s := range sizes {
		if s != 0 && p > limit/s {
			return 0, false
		}
		p *= s
	}
	return p, p <= limit
}
