package hdf5

import "math/bits"

// An extensible array is an index that grows: entries in an index block, then in data blocks whose sizes double, which later ones
// are found through super blocks.
type extensible struct {
	entry
	d         *Dataset
	bits      int    // that count entries
	direct    int    // entries in the index block
	least     uint64 // entries of a data block
	pointers  uint64 // least of a super block
	paging    int
	offset    int // bytes that say where a block begins
	remaining uint64
}

// readExtensible reads an extensible array.
func (d *Dataset) readExtensible() error {
	f, at := d.f, d.layout.at
	c, err := f.cursor(at, uint64(prefix+6+6*f.length+f.offset), "an extensible array")
	if err != nil {
		return err
	}
	x := extensible{d: d}
	ok := c.magic("EAHD") && c.u8() == 0
	client, bytes := c.u8(), c.u8()
	x.bits, x.direct, x.least, x.pointers, x.paging = c.u8(), c.u8(), c.uint(1), c.uint(1), c.u8()
	c.bytes(4 * f.length)
	used := c.size()
	c.size()
	block := c.address()
	e, known := d.entry(client, bytes)
	power := func(n uint64) bool { return bits.OnesCount64(n) == 1 }
	if !ok || !known || x.bits < 1 || x.bits > 64 || !power(x.least) || !power(x.pointers) || x.paging < 1 || x.paging > maxPaging {
		return damaged("an extensible array", at)
	}
	x.entry, x.offset = e, (x.bits+7)/8
	x.remaining = min(used, d.places())
	if block == undefined {
		return nil
	}
	return x.index(block)
}

// super returns how many data blocks super block s has, and how many entries each of them.
func (x *extensible) super(s int) (blocks, entries uint64) {
	return 1 << (s / 2), x.least << ((s + 1) / 2)
}

// index reads the index block, and what it leads to, as far as there are entries.
func (x *extensible) index(at uint64) error {
	f := x.d.f
	first := 2 * bits.TrailingZeros64(x.pointers) // the super blocks whose data blocks are here
	inside := uint64(2 * (x.pointers - 1))
	supers := max(0, 1+x.bits-bits.TrailingZeros64(x.least)-first)
	n := uint64(prefix+f.offset+x.direct*x.entry.bytes) + (inside+uint64(supers))*uint64(f.offset)
	c, err := f.cursor(at, n, "an extensible array")
	if err != nil {
		return err
	}
	if !c.magic("EAIB") {
		return damaged("an extensible array", at)
	}
	c.at = prefix + f.offset
	here := min(uint64(x.direct), x.remaining)
	if err := x.read(x.d, c, 0, int(here)); err != nil {
		return err
	}
	c.at = prefix + f.offset + x.direct*x.entry.bytes
	place := uint64(x.direct)
	for s := 0; place < x.remaining && s < first+supers && s < 60; s++ {
		blocks, entries := x.super(s)
		if s < first {
			for range blocks {
				if err := x.block(c.address(), place, entries, nil); err != nil {
					return err
				}
				place += entries
			}
			continue
		}
		if err := x.superBlock(c.address(), place, blocks, entries); err != nil {
			return err
		}
		place += blocks * entries
	}
	return nil
}

// superBlock reads a super block, whose data blocks have as many entries each.
func (x *extensible) superBlock(at, place, blocks, entries uint64) error {
	if at == undefined {
		return nil
	}
	f := x.d.f
	pages := uint64(0) // bytes of the map of each data block's pages
	if entries > 1<<x.paging {
		pages = (entries>>x.paging + 7) / 8
	}
	head := uint64(prefix + f.offset + x.offset)
	if blocks > uint64(f.size) || pages > uint64(f.size)/blocks {
		return damaged("an extensible array", at)
	}
	if err := x.d.charge(blocks); err != nil {
		return err
	}
	c, err := f.cursor(at, head+blocks*(pages+uint64(f.offset)), "an extensible array")
	if err != nil {
		return err
	}
	if !c.magic("EASB") {
		return damaged("an extensible array", at)
	}
	c.at = int(head)
	maps := c.bytes(int(blocks * pages))
	for i := range blocks {
		if err := x.block(c.address(), place+i*entries, entries, maps[i*pages:(i+1)*pages]); err != nil {
			return err
		}
	}
	return nil
}

// block reads a data block, in pages if it has more entries than one.
func (x *extensible) block(at, place, entries uint64, written []byte) error {
	if at == undefined || place >= x.remaining {
		return nil
	}
	f := x.d.f
	head := uint64(prefix + f.offset + x.offset)
	if len(written) > 0 {
		return x.pages(x.d, written, at+head+checksum, place, min(entries, x.remaining-place), x.paging)
	}
	n := min(entries, x.remaining-place)
	if n > uint64(f.size) {
		return damaged("an extensible array", at)
	}
	c, err := f.cursor(at, head+n*uint64(x.entry.bytes), "an extensible array")
	if err != nil {
		return err
	}
	if !c.magic("EADB") {
		return damaged("an extensible array", at)
	}
	c.at = int(head)
	return x.read(x.d, c, place, int(n))
}
