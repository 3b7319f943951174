package dicom

import (
	"encoding/binary"
	"fmt"
)

// locate finds the frames, and returns an error if the file has not the bytes for them.
func (f *File) locate() (err error) {
	if f.Syntax.encapsulated() {
		f.frames, err = f.fragments()
		return err
	}
	if f.pixels.undefined {
		return fmt.Errorf("the pixels are in fragments, which %s does not have; the file is damaged", f.Syntax.Name)
	}
	if n := int64(len(f.pixels.value)); f.frameBytes() > n/int64(f.Frames) {
		return fmt.Errorf("%d frames of %s take %d bytes each, and there are %d in all; the file is cut off or damaged",
			f.Frames, Size(f.Rows, f.Columns), f.frameBytes(), n)
	}
	return nil
}

// frameBytes is the number of bytes of a frame without compression. It is below 2⁴⁰.
func (f *File) frameBytes() int64 {
	n := int64(f.Rows) * int64(f.Columns) * int64(f.Samples) * int64(f.BitsAllocated/8)
	if f.Photometric == ybr422 && !f.Syntax.encapsulated() {
		n = n / 3 * 2
	}
	return n
}

// A fragment is a piece of compressed pixels.
type fragment struct {
	offset int // of its item, from the first one's
	data   []byte
}

// fragments returns the bytes of each compressed frame.
func (f *File) fragments() ([][]byte, error) {
	if !f.pixels.undefined {
		return nil, fmt.Errorf("the pixels are in one piece, which %s does not have; the file is damaged", f.Syntax.Name)
	}
	p := &parser{b: f.pixels.value}
	table, err := p.fragment()
	if err != nil {
		return nil, err
	}
	first, most := p.at, maxElements+len(p.b)/rleHeader // than which no frame is shorter
	var all []fragment
	for p.more() {
		at := p.at - first
		data, err := p.fragment()
		if err != nil {
			return nil, err
		}
		if all = f.add(all, fragment{at, data}); len(all) > most {
			return nil, fmt.Errorf("there are more than %d fragments of pixels in %d bytes; the file is damaged", most, len(p.b))
		}
	}
	return f.assemble(all, table)
}

// add adds a fragment to others. Those of a single frame are joined: a file may have very many, of few bytes or none.
func (f *File) add(all []fragment, z fragment) []fragment {
	if f.Frames > 1 || len(all) == 0 {
		return append(all, z)
	}
	all[0].data = append(all[0].data, z.data...) // its capacity ends with it: a copy
	return all
}

// fragment passes an item of defined length.
func (p *parser) fragment() ([]byte, error) {
	h, err := p.head(false)
	if err != nil {
		return nil, err
	}
	if h.tag != item || h.length == undefinedLength {
		return nil, p.fail(h, "it stands where a fragment of the pixels must; the file is damaged")
	}
	from := p.at
	err = p.pass(h)
	return p.b[from:p.at:p.at], err
}

// assemble makes frames of fragments. Each is a frame if there are as many. Else frames begin where the table of offsets says, or, without
// a table, where a JPEG image begins.
func (f *File) assemble(all []fragment, table []byte) ([][]byte, error) {
	var begins func(i int) bool
	switch {
	case len(all) < f.Frames:
		return nil, fmt.Errorf("there are %d fragments of pixels for %d frames; the file is cut off or damaged", len(all), f.Frames)
	case len(all) == f.Frames:
		begins = func(int) bool { return true }
	case len(table) > 0:
		begin, err := f.table(table, all)
		if err != nil {
			return nil, err
		}
		begins = func(i int) bool { return begin[all[i].offset] }
	default:
		begins = func(i int) bool { return len(all[i].data) > 1 && all[i].data[0] == 0xff && all[i].data[1] == 0xd8 }
	}
	var frames [][]byte
	for i, p := range all {
		switch {
		case begins(i):
			frames = append(frames, p.data)
		case len(frames) == 0:
			return nil, fmt.Errorf("the first fragment begins no frame; the file is damaged")
		default:
			last := &frames[len(frames)-1]
			*last = append(*last, p.data...) // its capacity ends with it: a copy
		}
	}
	if len(frames) != f.Frames {
		return nil, fmt.Errorf("%d fragments of pixels begin %d frames, and there are to be %d; rewrite the file: %s",
			len(all), len(frames), f.Frames, f.decompress())
	}
	return frames, nil
}

// table returns the offsets of a table, which must be those of fragments.
func (f *File) table(table []byte, all []fragment) (map[int]bool, error) {
	if len(table) != 4*f.Frames {
		return nil, fmt.Errorf("the table of offsets has %d bytes for %d frames; it must have four each", len(table), f.Frames)
	}
	known := make(map[int]bool, len(all))
	for _, p := range all {
		known[p.offset] = true
	}
	begin := make(map[int]bool, f.Frames)
	for i := range f.Frames {
		at := int(binary.LittleEndian.Uint32(table[4*i:]))
		if !known[at] {
			return nil, fmt.Errorf("frame %d begins at offset %d, where no fragment does; the file is damaged", i, at)
		}
		begin[at] = true
	}
	return begin, nil
}

// decompress is the command that removes the compression.
func (f *File) decompress() string {
	if f.Syntax.UID == rle {
		return "dcmdrle IN.dcm OUT.dcm"
	}
	return unJPEG
}
