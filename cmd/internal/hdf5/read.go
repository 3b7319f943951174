package hdf5

import (
	"fmt"
)

// maxHeld is how many bytes of chunks an array keeps.
const maxHeld = 64 << 20

// ReadAt sets dst to the bytes of whole rows from one on, elements as they are in the file. It panics if dst is no whole number of
// rows, or they are not there.
func (d *Dataset) ReadAt(dst []byte, from int) error {
	row := d.RowBytes()
	if row == 0 || len(dst) == 0 {
		return nil
	}
	n := len(dst) / row
	if len(dst)%row != 0 || from < 0 || n > d.Rows() || from > d.Rows()-n {
		panic(fmt.Sprintf("hdf5: %d bytes from row %d on, of %d rows of %d bytes", len(dst), from, d.Rows(), row))
	}
	at := uint64(from) * uint64(row)
	switch l := &d.layout; {
	case l.kind == compact:
		copy(dst, l.data[at:])
	case l.kind == contiguous && l.at == undefined:
		d.fillWith(dst)
	case l.kind == contiguous:
		b, err := d.f.read(l.at+at, uint64(len(dst)), "an array")
		if err != nil {
			return err
		}
		copy(dst, b)
	default:
		return d.chunks(dst, uint64(from), uint64(from+n))
	}
	return nil
}

func (d *Dataset) fillWith(dst []byte) {
	for len(dst) > 0 {
		dst = dst[copy(dst, d.fill):]
	}
}

// chunks sets dst to rows from one to another, of the chunks that have them.
func (d *Dataset) chunks(dst []byte, from, to uint64) error {
	rank := len(d.Shape)
	grid, numbers, at := d.grid(), d.numbers(), make([]uint64, rank)
	first := from / d.layout.extents[0]
	last := (to - 1) / d.layout.extents[0]
	at[0] = first
	for at[0] <= last {
		b, err := d.chunk(numbers.place(at), at)
		if err != nil {
			return fmt.Errorf("chunk %v: %w", at, err)
		}
		d.paste(dst, b, at, from, to)
		for i := rank - 1; i >= 0; i-- {
			if at[i]++; at[i] < grid[i] || i == 0 {
				break
			}
			at[i] = 0
		}
	}
	return nil
}

// paste copies what a chunk has of rows from one to another, or the fill value if b is nil.
func (d *Dataset) paste(dst, b []byte, at []uint64, from, to uint64) {
	rank, size := len(d.Shape), uint64(d.Type.Size)
	lo, hi, k := make([]uint64, rank), make([]uint64, rank), make([]uint64, rank)
	for i := range rank {
		lo[i] = at[i] * d.layout.extents[i]
		hi[i] = min(lo[i]+d.layout.extents[i], uint64(d.Shape[i]))
	}
	origin := lo[0]
	lo[0], hi[0] = max(lo[0], from), min(hi[0], to)
	copy(k, lo)
	run := (hi[rank-1] - lo[rank-1]) * size
	for k[0] < hi[0] {
		var to, in uint64 // in dst, in the chunk
		for i := range rank {
			first, start := at[i]*d.layout.extents[i], uint64(0)
			extent := uint64(d.Shape[i])
			if i == 0 {
				first, start, extent = origin, from, 0
			}
			to, in = to*extent+k[i]-start, in*d.layout.extents[i]+k[i]-first
		}
		if b == nil {
			d.fillWith(dst[to*size:][:run])
		} else {
			copy(dst[to*size:][:run], b[in*size:])
		}
		if rank == 1 {
			return
		}
		for i := rank - 2; i >= 0; i-- {
			if k[i]++; k[i] < hi[i] || i == 0 {
				break
			}
			k[i] = lo[i]
		}
	}
}

// A held chunk is one in memory.
type held struct {
	place uint64
	data  []byte
}

// chunk returns the bytes of the chunk of a place, which is at a point of the grid. They must not change; nil if it is not in the file.
func (d *Dataset) chunk(place uint64, at []uint64) ([]byte, error) {
	d.mu.Lock()
	if e, ok := d.cached[place]; ok {
		d.recent.MoveToFront(e)
		d.mu.Unlock()
		return e.Value.(held).data, nil
	}
	d.mu.Unlock()
	c, ok, err := d.find(place)
	if err != nil || !ok {
		return nil, err
	}
	b, err := d.load(c, at)
	if err != nil {
		return nil, err
	}
	d.keep(held{place, b})
	return b, nil
}

// load reads a chunk from the file, which is at a point of the grid.
func (d *Dataset) load(c chunk, at []uint64) ([]byte, error) {
	want := d.chunkBytes()
	if len(d.filters) == 0 && c.bytes != want || c.bytes > 2*want+1<<16 || want > deflateRatio*c.bytes+64 {
		return nil, fmt.Errorf("it has %d bytes, which cannot be the %d of a chunk", c.bytes, want)
	}
	b, err := d.f.read(c.at, c.bytes, "it")
	if err != nil {
		return nil, err
	}
	mask := c.mask
	if d.layout.flags&1 != 0 && d.partial(at) {
		mask = ^uint64(0)
	}
	return d.unpack(b, mask)
}

// partial reports whether the chunk at a point of the grid goes beyond the array, where some layouts leave the filters out.
func (d *Dataset) partial(at []uint64) bool {
	for i, k := range at {
		if (k+1)*d.layout.extents[i] > uint64(d.Shape[i]) {
			return true
		}
	}
	return false
}

// keep remembers a chunk, and forgets those that were not wanted for longest.
func (d *Dataset) keep(h held) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, ok := d.cached[h.place]; ok || len(h.data) > maxHeld {
		return
	}
	d.cached[h.place] = d.recent.PushFront(h)
	for d.held += len(h.data); d.held > maxHeld; {
		old := d.recent.Remove(d.recent.Back()).(held)
		delete(d.cached, old.place)
		d.held -= len(old.data)
	}
}

// RowCost returns how many bytes are unpacked for one row of chunks that are not in memory: RowBytes, but where chunks have more
// rows than one. A row that costs more than 64 MiB costs that each time.
func (d *Dataset) RowCost() uint64 {
	if d.layout.kind != chunked {
		return uint64(d.RowBytes())
	}
	n := d.chunkBytes()
	for _, g := range d.grid()[1:] {
		n *= g
	}
	return n
}
