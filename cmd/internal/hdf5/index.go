package hdf5

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"
)

// A chunk is where one is: place is its number, as the index counts.
type chunk struct {
	place, at, bytes, mask uint64
}

// find returns the chunk of a place, and whether it is in the file.
func (d *Dataset) find(place uint64) (chunk, bool, error) {
	if d.layout.index == indexImplicit {
		n := d.chunkBytes()
		return chunk{place, d.layout.at + place*n, n, 0}, d.layout.at != undefined, nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.ready {
		if err := d.readIndex(); err != nil {
			return chunk{}, false, fmt.Errorf("the index of its chunks: %w", err)
		}
		d.ready = true
	}
	i, ok := slices.BinarySearchFunc(d.index, place, func(c chunk, place uint64) int { return cmp.Compare(c.place, place) })
	if !ok {
		return chunk{}, false, nil
	}
	return d.index[i], true, nil
}

// readIndex reads where all chunks are.
func (d *Dataset) readIndex() (err error) {
	d.index, d.left = nil, uint64(d.f.size)/4 // an entry is an address at least
	if d.layout.at == undefined {
		return nil
	}
	switch d.layout.index {
	case indexTree:
		err = d.readTree()
	case indexSingle:
		n := d.layout.packed
		if d.layout.flags&2 == 0 {
			n = d.chunkBytes()
		}
		d.add(chunk{0, d.layout.at, n, d.layout.mask})
	case indexFixed:
		err = d.readFixed()
	case indexExtensible:
		err = d.readExtensible()
	}
	if err != nil {
		return err
	}
	slices.SortFunc(d.index, func(a, b chunk) int { return cmp.Compare(a.place, b.place) })
	return nil
}

// add adds a chunk, if it is in the file.
func (d *Dataset) add(c chunk) {
	if c.at != undefined {
		d.index = append(d.index, c)
	}
}

// charge counts n entries before they are looked at. The file must have room for as many, so that an index which leads to the same
// ones again and again comes to an end.
func (d *Dataset) charge(n uint64) error {
	if n > d.left {
		return fmt.Errorf("it has more entries than a file of %d bytes can; the file is damaged", d.f.size)
	}
	d.left -= n
	return nil
}

// readTree reads a version 1 B-tree, whose keys have a chunk's bytes, its mask, and where it begins. Places beyond the shape are
// passed over, as of an array that was larger.
func (d *Dataset) readTree() error {
	rank := len(d.Shape)
	grid := d.grid()
	return d.f.tree(d.layout.at, chunkTree, 8+8*(rank+1), func(key []byte, at uint64) error {
		place := uint64(0)
		for i := range rank {
			start := binary.LittleEndian.Uint64(key[8+8*i:])
			if start%d.layout.extents[i] != 0 {
				return fmt.Errorf("a chunk begins at %d, which is no multiple of %d", start, d.layout.extents[i])
			}
			k := start / d.layout.extents[i]
			if k >= grid[i] {
				return nil
			}
			place = place*grid[i] + k
		}
		d.add(chunk{place, at, uint64(binary.LittleEndian.Uint32(key)), uint64(binary.LittleEndian.Uint32(key[4:]))})
		return nil
	})
}

// An entry reads chunks of the arrays that are indexes: an address, and where there are filters the bytes and the mask.
type entry struct {
	filtered bool
	bytes    int // of an entry
}

// entry returns how entries of such a size are read.
func (d *Dataset) entry(client, bytes int) (entry, bool) {
	e := entry{client == 1, bytes}
	if !e.filtered {
		return e, client == 0 && bytes == d.f.offset
	}
	n := bytes - d.f.offset - 4
	return e, client == 1 && n >= 1 && n <= 8
}

// read adds the chunks of n entries from a place on.
func (e entry) read(d *Dataset, c *cursor, place uint64, n int) error {
	if err := d.charge(uint64(n)); err != nil {
		return err
	}
	whole := d.chunkBytes()
	for i := range n {
		k := chunk{place: place + uint64(i), at: c.address(), bytes: whole}
		if e.filtered {
			k.bytes, k.mask = c.uint(e.bytes-d.f.offset-4), c.u32()
		}
		if c.short {
			return fmt.Errorf("it is cut off")
		}
		d.add(k)
	}
	return nil
}

// page reads a page of entries that begins at an address.
func (e entry) page(d *Dataset, at, place uint64, n int) error {
	c, err := d.f.cursor(at, uint64(n*e.bytes), "a page of the index")
	if err != nil {
		return err
	}
	return e.read(d, c, place, n)
}

// bit reports whether bit i of a map is set, the highest of a byte first.
func bit(m []byte, i int) bool { return m[i/8]&(0x80>>(i%8)) != 0 }
