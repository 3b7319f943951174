package hdf5

import (
	"bytes"
	"fmt"
)

// group returns the addresses of the objects that a group names; undefined for a link that leads elsewhere.
func (f *File) group(at uint64) (map[string]uint64, error) {
	messages, err := f.object(at)
	if err != nil {
		return nil, err
	}
	links := map[string]uint64{}
	group := false
	for _, m := range messages {
		c := &cursor{b: m.data, sizes: f.sizes}
		switch m.kind {
		case msgSymbols:
			if group {
				return nil, fmt.Errorf("the group at byte %d has a second table of symbols; the file is damaged", at)
			}
			group = true
			err = f.symbols(c, links)
		case msgLink:
			group = true
			err = link(c, links)
		case msgLinkInfo:
			group = true
			err = dense(c)
		}
		if err != nil {
			return nil, err
		}
	}
	if !group {
		return nil, fmt.Errorf("the object at byte %d is no group", at)
	}
	return links, nil
}

// link reads a link message.
func link(c *cursor, links map[string]uint64) error {
	version, flags, kind := c.u8(), c.u8(), 0
	if flags&8 != 0 {
		kind = c.u8()
	}
	if flags&4 != 0 {
		c.bytes(8)
	}
	if flags&0x10 != 0 {
		c.bytes(1)
	}
	name := string(c.bytes(int(min(c.uint(1<<(flags&3)), maxMessage))))
	to := undefined
	if kind == 0 {
		to = c.address()
	}
	if c.short || version != 1 {
		return fmt.Errorf("a link of a group is damaged")
	}
	links[name] = to
	return nil
}

// dense returns an error if the links of a group are in a heap of their own, as those of many are.
func dense(c *cursor) error {
	c.bytes(1)
	if c.u8()&1 != 0 {
		c.bytes(8)
	}
	if heap := c.address(); !c.short && heap != undefined {
		return fmt.Errorf("a group has so many links that they are in a fractal heap, which is not read; " +
			"copy the arrays into a new file with h5py.File(name, \"w\"), without libver")
	}
	return nil
}

// symbols reads a group of the first kind: a tree of nodes with symbols, whose names are in a heap.
func (f *File) symbols(c *cursor, links map[string]uint64) error {
	tree, heap := c.address(), c.address()
	if c.short {
		return fmt.Errorf("a group's symbol table is damaged")
	}
	names, err := f.localHeap(heap)
	if err != nil {
		return err
	}
	s := symbols{f, names, links, uint64(f.size) / 32, 2 * len(names)}
	return f.tree(tree, groupTree, 0, func(_ []byte, node uint64) error { return s.node(node) })
}

// Symbols are those of a group, as they are read. What is left is counted, so that a tree which leads to the same node again and
// again, or symbols that all have one long name, come to an end.
type symbols struct {
	f       *File
	names   []byte
	links   map[string]uint64
	left    uint64 // symbols that the file has room for: one takes 32 bytes at least
	letters int    // of names that may still be read: they do not overlap, but twice the heap is let pass
}

// localHeap returns the bytes of a heap of names.
func (f *File) localHeap(at uint64) ([]byte, error) {
	c, err := f.cursor(at, uint64(8+2*f.length+f.offset), "a heap")
	if err != nil {
		return nil, err
	}
	ok := c.magic("HEAP") && c.u8() == 0
	c.bytes(3)
	n := c.size()
	c.size()
	data := c.address()
	if !ok || n > maxHeader {
		return nil, damaged("a heap", at)
	}
	return f.read(data, n, "a heap")
}

// node reads a node of symbols.
func (s *symbols) node(at uint64) error {
	f := s.f
	c, err := f.cursor(at, 8, "a node of symbols")
	if err != nil {
		return err
	}
	ok := c.magic("SNOD") && c.u8() == 1
	c.bytes(1)
	n := c.u16()
	if !ok || uint64(n) > s.left {
		return damaged("a node of symbols", at)
	}
	s.left -= uint64(n)
	entry := 2*f.offset + 24
	if c, err = f.cursor(at+8, uint64(n*entry), "a node of symbols"); err != nil {
		return err
	}
	for range n {
		name, to, kind := c.address(), c.address(), c.u32()
		c.bytes(20)
		if kind == 2 { // a soft link
			to = undefined
		}
		text, ok := s.name(name)
		if !ok || len(s.links) == maxLinks {
			return damaged("a node of symbols", at)
		}
		s.links[text] = to
	}
	return nil
}

// name returns the name at a place of the heap, and whether there is one.
func (s *symbols) name(at uint64) (string, bool) {
	if at >= uint64(len(s.names)) {
		return "", false
	}
	end := bytes.IndexByte(s.names[at:], 0)
	if s.letters -= end + 1; end < 0 || s.letters < 0 {
		return "", false
	}
	return string(s.names[at:][:end]), true
}
