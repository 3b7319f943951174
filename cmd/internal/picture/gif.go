package picture

import (
	"encoding/binary"
	"io"
)

// aboutGIF counts the frames, and looks whether the first has colours of its own.
func aboutGIF(r watched) (a about, err error) {
	a.more = -1
	defer func() { a.more, err = max(a.more, 0), ended(err) }()
	head := make([]byte, 13)
	if _, err = io.ReadFull(r, head); err != nil {
		return a, err
	}
	r.Seek(tableSize(head[10]), io.SeekCurrent)
	for {
		if _, err = io.ReadFull(r, head[:1]); err != nil || head[0] != ',' && head[0] != '!' {
			return a, err
		}
		if head[0] == '!' {
			r.Seek(1, io.SeekCurrent)
		} else if err = a.frame(r); err != nil {
			return a, err
		}
		if err = skipBlocks(r); err != nil {
			return a, err
		}
	}
}

// frame takes the head of a frame.
func (a *about) frame(r io.ReadSeeker) error {
	head := make([]byte, 9)
	if _, err := io.ReadFull(r, head); err != nil {
		return err
	}
	table := make([]byte, tableSize(head[8]))
	if _, err := io.ReadFull(r, table); err != nil {
		return err
	}
	if a.more++; a.more == 0 && len(table) > 0 {
		a.grey = true
		for i := 0; i < len(table); i += 3 {
			a.grey = a.grey && table[i] == table[i+1] && table[i] == table[i+2]
		}
		a.colour = !a.grey
	}
	_, err := r.Seek(1, io.SeekCurrent)
	return err
}

// tableSize returns the bytes of the table of colours that flags tell.
func tableSize(flags byte) int64 {
	if flags&0x80 == 0 {
		return 0
	}
	return 3 << (flags&7 + 1)
}

// skipBlocks passes over blocks, each with its length before it, up to one of none.
func skipBlocks(r io.ReadSeeker) error {
	for {
		var n uint8
		if err := binary.Read(r, binary.LittleEndian, &n); err != nil || n == 0 {
			return err
		}
		r.Seek(int64(n), io.SeekCurrent)
	}
}
