package hdf5

// Bytes of the parts of an index's blocks.
const (
	checksum  = 4
	prefix    = 6 // four letters, version, client
	maxPaging = 30
)

// readFixed reads a fixed array: a block of entries, in pages where they are many.
func (d *Dataset) readFixed() error {
	f, at := d.f, d.layout.at
	c, err := f.cursor(at, uint64(prefix+2+f.length+f.offset), "a fixed array")
	if err != nil {
		return err
	}
	ok := c.magic("FAHD") && c.u8() == 0
	client, bytes, paging := c.u8(), c.u8(), c.u8()
	n, data := c.size(), c.address()
	e, known := d.entry(client, bytes)
	if !ok || !known || paging < 1 || paging > maxPaging || n > uint64(f.size)/uint64(max(bytes, 1)) {
		return damaged("a fixed array", at)
	}
	if data == undefined {
		return nil
	}
	head := uint64(prefix + f.offset)
	if n <= 1<<paging {
		c, err := f.cursor(data, head+n*uint64(bytes), "a fixed array")
		if err != nil {
			return err
		}
		if !c.magic("FADB") {
			return damaged("a fixed array", data)
		}
		c.at = int(head)
		return e.read(d, c, 0, int(n))
	}
	pages := (n + 1<<paging - 1) >> paging
	c, err = f.cursor(data, head+(pages+7)/8, "a fixed array")
	if err != nil {
		return err
	}
	if !c.magic("FADB") {
		return damaged("a fixed array", data)
	}
	return e.pages(d, c.b[head:], data+uint64(len(c.b))+checksum, 0, n, paging)
}

// pages reads those of n entries from a place on that the map says are written.
func (e entry) pages(d *Dataset, written []byte, at, place, n uint64, paging int) error {
	full := uint64(1) << paging
	for i := uint64(0); i*full < n; i++ {
		if bit(written, int(i)) {
			count := min(full, n-i*full)
			if err := e.page(d, at+i*(full*uint64(e.bytes)+checksum), place+i*full, int(count)); err != nil {
				return err
			}
		}
	}
	return nil
}
