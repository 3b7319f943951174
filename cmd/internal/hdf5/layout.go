package hdf5

import (
	"errors"
	"fmt"
)

// Classes of layouts.
const (
	compact    = 0
	contiguous = 1
	chunked    = 2
)

// Indexes of chunks.
const (
	indexTree       = 0 // version 1 B-tree, in layouts of version 3
	indexSingle     = 1
	indexImplicit   = 2
	indexFixed      = 3
	indexExtensible = 4
	indexTree2      = 5
)

// A layout says where the elements are.
type layout struct {
	kind    int
	data    []byte // compact
	at      uint64 // contiguous: the elements; chunked: the index
	size    uint64 // contiguous
	extents []uint64
	element uint64 // chunked: bytes of an element
	index   int
	flags   int
	packed  uint64 // of a single chunk with filters: its bytes
	mask    uint64 // and the filters that it went without
}

// readLayout reads a layout.
func readLayout(c *cursor) (l layout, err error) {
	version := c.u8()
	if version != 3 && version != 4 {
		return l, fmt.Errorf("its layout has version %d; 3 and 4 are read", version)
	}
	switch l.kind = c.u8(); l.kind {
	case compact:
		l.data = c.bytes(c.u16())
	case contiguous:
		l.at, l.size = c.address(), c.size()
	case chunked:
		if version == 3 {
			l.tree(c)
		} else {
			err = l.chunks4(c)
		}
	default:
		err = fmt.Errorf("its layout has class %d, as a virtual array has; compact, contiguous and chunked ones are read", l.kind)
	}
	if err == nil && c.short {
		err = errors.New("its layout is damaged")
	}
	return l, err
}

// tree reads the layout of chunks that are in a version 1 B-tree.
func (l *layout) tree(c *cursor) {
	n := c.u8()
	l.at = c.address()
	for range n - 1 {
		l.extents = append(l.extents, c.u32())
	}
	l.element = c.u32()
}

// chunks4 reads the layout of chunks, version 4.
func (l *layout) chunks4(c *cursor) error {
	l.flags = c.u8()
	n, bytes := c.u8(), c.u8()
	if bytes < 1 || bytes > 8 {
		return errors.New("its layout is damaged")
	}
	for range n - 1 {
		l.extents = append(l.extents, c.uint(bytes))
	}
	l.element = c.uint(bytes)
	switch l.index = c.u8(); l.index {
	case indexSingle:
		if l.flags&2 != 0 {
			l.packed, l.mask = c.size(), c.u32()
		}
	case indexImplicit:
	case indexFixed:
		c.bytes(1)
	case indexExtensible:
		c.bytes(5)
	case indexTree2:
		return errors.New("its chunks are in a version 2 B-tree, as of an array that can grow in two directions, which is not read; " +
			"copy it into a new file with h5py.File(name, \"w\"), without libver")
	default:
		return fmt.Errorf("the index of its chunks is of kind %d, which is unknown", l.index)
	}
	l.at = c.address()
	return nil
}

// maxChunk bounds a chunk's bytes, unpacked.
const maxChunk = 1 << 28

// checkLayout checks that the layout is one for the shape and the type.
func (d *Dataset) checkLayout() error {
	total := uint64(d.RowBytes()) * uint64(d.Rows())
	l := &d.layout
	if l.kind != chunked && len(d.filters) > 0 {
		return errors.New("it has filters and no chunks")
	}
	switch {
	case l.kind == compact && uint64(len(l.data)) < total:
		return fmt.Errorf("it takes %d bytes, and %d are there", total, len(l.data))
	case l.kind == contiguous && l.at != undefined:
		if l.size < total || l.at > uint64(d.f.size) || total > uint64(d.f.size)-l.at {
			return fmt.Errorf("it takes %d bytes from byte %d on, and the file has %d; it is cut off or damaged", total, l.at, d.f.size)
		}
	case l.kind == chunked:
		n, ok := product(maxChunk, append([]uint64{l.element}, l.extents...)...)
		if len(l.extents) != len(d.Shape) || len(d.Shape) == 0 || int(l.element) != d.Type.Size || !ok || n == 0 {
			return fmt.Errorf("chunks of %d elements of %d bytes are none for the shape %d, or above %d bytes", l.extents, l.element, d.Shape, maxChunk)
		}
	}
	return nil
}

// chunkBytes is the size of a chunk, unpacked.
func (d *Dataset) chunkBytes() uint64 {
	n, _ := product(maxChunk, append([]uint64{d.layout.element}, d.layout.extents...)...)
	return n
}

// grid is how many chunks the array has in each direction.
func (d *Dataset) grid() []uint64 {
	g := make([]uint64, len(d.Shape))
	for i, n := range d.Shape {
		g[i] = (uint64(n) + d.layout.extents[i] - 1) / d.layout.extents[i]
	}
	return g
}

// places is how many chunks the array has in all. It is below 2⁶³, as the elements are.
func (d *Dataset) places() uint64 {
	n := uint64(1)
	for _, g := range d.grid() {
		n *= g
	}
	return n
}
