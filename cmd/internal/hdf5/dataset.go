package hdf5

import (
	"container/list"
	"errors"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
)

// A Dataset is an array in a file.
type Dataset struct {
	Shape []int // nil for a single element
	Type  Type

	f       *File
	most    []uint64 // the extents that it may grow to; nil if they are those of Shape
	fill    []byte   // an element where nothing is written
	layout  layout
	filters []filter
	heaps   atomic.Uint64 // bytes of heaps of texts that were read

	mu     sync.Mutex
	index  []chunk // by place; nil until it is wanted
	left   uint64  // entries of the index that may still be looked at
	ready  bool
	cached map[uint64]*list.Element
	recent *list.List
	held   int
}

// Rows returns how many rows there are, the first extent.
func (d *Dataset) Rows() int {
	if len(d.Shape) == 0 {
		return 1
	}
	return d.Shape[0]
}

// RowBytes returns how many bytes a row takes.
func (d *Dataset) RowBytes() int {
	n := d.Type.Size
	for i := 1; i < len(d.Shape); i++ {
		n *= d.Shape[i]
	}
	return n
}

// Bounds of shapes.
const (
	maxRank     = 32
	maxElements = math.MaxInt64 / maxText
)

// dataset reads what the header of an array says.
func (f *File) dataset(at uint64) (*Dataset, error) {
	messages, err := f.object(at)
	if err != nil {
		return nil, err
	}
	d := &Dataset{f: f, Type: Type{Size: -1}, layout: layout{kind: -1}, cached: map[uint64]*list.Element{}, recent: list.New()}
	spaces := 0
	for _, m := range messages {
		if err := d.message(m); err != nil {
			return nil, err
		}
		if m.kind == msgSpace {
			spaces++
		}
	}
	switch {
	case spaces != 1 || d.Type.Size < 0 || d.layout.kind < 0:
		return nil, errors.New("it is no array: its header has not one shape, type and layout")
	case d.fill != nil && len(d.fill) != d.Type.Size:
		return nil, fmt.Errorf("its fill value has %d bytes, an element %d", len(d.fill), d.Type.Size)
	case d.fill == nil:
		d.fill = make([]byte, d.Type.Size)
	}
	return d, d.checkLayout()
}

// message takes a message of the header.
func (d *Dataset) message(m message) (err error) {
	c := &cursor{b: m.data, sizes: d.f.sizes}
	if m.flags&shared != 0 && (m.kind == msgSpace || m.kind == msgType || m.kind == msgFill || m.kind == msgFilters) {
		return fmt.Errorf("its header shares a part (message %d) with others, as with a type that has a name; copy the array into a new file", m.kind)
	}
	switch m.kind {
	case msgSpace:
		err = d.readShape(c)
	case msgType:
		d.Type, err = readType(c)
	case msgFill:
		err = d.readFill(c)
	case msgLayout:
		d.layout, err = readLayout(c)
	case msgFilters:
		d.filters, err = readFilters(c)
	case msgExternal:
		err = errors.New("its elements are in other files, which are not read")
	}
	return err
}

// readShape reads a dataspace.
func (d *Dataset) readShape(c *cursor) error {
	version, rank, flags := c.u8(), c.u8(), c.u8()
	switch version {
	case 1:
		c.bytes(5)
	case 2:
		if c.u8() == 2 {
			return errors.New("it has no elements at all (H5S_NULL)")
		}
	default:
		return fmt.Errorf("its shape has version %d; 1 and 2 are read", version)
	}
	if rank > maxRank {
		return fmt.Errorf("it has %d extents; up to %d are read", rank, maxRank)
	}
	elements := uint64(1) // without extents of 0, so that a row's bytes are a number, too
	for range rank {
		n, ok := c.size(), false
		if elements, ok = product(maxElements, elements, max(n, 1)); !ok || c.short || n > math.MaxInt { // the last on 32 bits alone
			return fmt.Errorf("its shape has %d after %d, which is not believed", n, d.Shape)
		}
		d.Shape = append(d.Shape, int(n))
	}
	if flags&1 != 0 {
		return d.readMost(c)
	}
	return nil
}

// readMost reads the extents that the array may grow to.
func (d *Dataset) readMost(c *cursor) error {
	for _, n := range d.Shape {
		most := c.limit()
		if c.short || most < uint64(n) {
			return fmt.Errorf("its shape has %d and may have %d at most, which cannot be; the file is damaged", n, most)
		}
		d.most = append(d.most, most)
	}
	return nil
}

// readFill reads a fill value; none is one of zeros.
func (d *Dataset) readFill(c *cursor) error {
	version := c.u8()
	defined := true
	switch version {
	case 1, 2:
		c.bytes(2)
		defined = c.u8() != 0
	case 3:
		defined = c.u8()&0x20 != 0
	default:
		return fmt.Errorf("its fill value has version %d; 1 to 3 are read", version)
	}
	if !defined {
		return nil
	}
	if n := c.u32(); n > 0 && n <= maxText {
		d.fill = c.bytes(int(n))
	}
	if c.short {
		return errors.New("its fill value is damaged")
	}
	return nil
}
