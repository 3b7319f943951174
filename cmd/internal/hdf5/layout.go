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
		return d.checkNumbers()
	}
	return nil
}

// checkNumbers checks that chunks can be counted: an extensible array has one extent without an end, other indexes but a tree have none.
func (d *Dataset) checkNumbers() error {
	want, have := 0, 0
	if d.layout.index == indexExtensible {
		want = 1
	}
	for _, n := range d.most {
		if n == endless {
			have++
		}
	}
	_, ok := product(maxElements, d.numbers().grid...)
	if d.layout.index >= indexImplicit && have != want || !ok {
		return fmt.Errorf("its chunks cannot be counted: their index is of kind %d, and the array may grow to the shape %d; the file is damaged", d.layout.index, d.most)
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
		g[i] = chunksOf(uint64(n), d.layout.extents[i])
	}
	return g
}

// chunksOf is how many chunks of an extent hold n elements.
func chunksOf(n, extent uint64) uint64 {
	if n%extent != 0 {
		return n/extent + 1
	}
	return n / extent
}

// Numbers are how an index counts chunks: over a grid, in the order of C, but with one axis before all others.
type numbers struct {
	grid  []uint64
	first int
}

// numbers returns how the index counts. Trees have the array's own grid. Indexes that are arrays themselves have that of the largest
// shape, with the axis that may grow without an end first, so that a chunk's number stays when the array grows.
func (d *Dataset) numbers() numbers {
	z := numbers{grid: d.grid()}
	if d.layout.index < indexImplicit {
		return z
	}
	for i, n := range d.most {
		if n == endless {
			z.first = i
		} else {
			z.grid[i] = chunksOf(n, d.layout.extents[i])
		}
	}
	return z
}

// place returns the number of the chunk at a point of the grid.
func (z numbers) place(at []uint64) uint64 {
	place := at[z.first]
	for i, k := range at {
		if i != z.first {
			place = place*z.grid[i] + k
		}
	}
	return place
}

// places is how many numbers chunks have; checkNumbers bounds it.
func (d *Dataset) places() uint64 {
	n := uint64(1)
	for _, g := range d.numbers().grid {
		n *= g
	}
	return n
}
