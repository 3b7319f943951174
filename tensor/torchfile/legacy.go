package torchfile

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"spdiff/tensor/safetensors"
)

// A legacy file, of PyTorch before 1.6, is pickles one after another: a number by which it is recognised, the version, the machine
// that wrote it, the object, and the list of its storages. Their numbers follow, each storage's after how many they are.

// legacyVersion is the only one that there was.
const legacyVersion = 1001

// decodeLegacy reads a legacy file of size bytes.
func decodeLegacy(r io.ReaderAt, size int64) (*safetensors.File, error) {
	b := make([]byte, min(size, maxPickle))
	if _, err := io.ReadFull(io.NewSectionReader(r, 0, size), b); err != nil {
		return nil, fmt.Errorf("cannot be read: %w", err)
	}
	m := &machine{in: b[min(len(legacyStart)+1, len(b)):], storages: map[string]*storage{}, legacy: size}
	object, keys, err := m.legacyPickles()
	if err != nil {
		return nil, err
	}
	pickles := len(b) - len(m.in)
	found, err := flatten(object, pickles, size)
	if err != nil {
		return nil, err
	}
	at, err := places(io.NewSectionReader(r, 0, size), int64(pickles), keys, m.storages)
	if err != nil {
		return nil, err
	}
	return found.load(func(s *storage) ([]byte, error) {
		b := make([]byte, s.bytes())
		_, err := io.ReadFull(io.NewSectionReader(r, at[s.key], s.bytes()), b)
		return b, err
	})
}

// legacyPickles runs the pickles after the first. It returns the object and the keys of its storages, in order.
func (m *machine) legacyPickles() (object any, keys []any, err error) {
	var values [4]any
	for i := range values {
		if values[i], err = m.next(); err != nil {
			return nil, nil, fmt.Errorf("pickle %d: %w", i+1, err)
		}
	}
	written, _ := values[1].(*dict)
	l, isList := values[3].(*list)
	switch {
	case values[0] != any(int64(legacyVersion)) || written == nil || !isList:
		return nil, nil, errors.New("this is no file of PyTorch's torch.save, though it begins like one; it is corrupt")
	case written.get("little_endian") != any(true):
		return nil, nil, errors.New("the file was written by a machine with big-endian numbers; write it anew with a later PyTorch")
	}
	return values[2], l.items, nil
}

// next returns the object of the next pickle. What was kept before is forgotten.
func (m *machine) next() (any, error) {
	m.memo, m.stack, m.marks, m.done = map[uint32]any{}, nil, nil, false
	for !m.done {
		if err := m.step(); err != nil {
			return nil, err
		}
	}
	return m.pop()
}

// get returns the value of a key, or nil.
func (d *dict) get(key string) any {
	for i, k := range d.keys {
		if k == any(key) {
			return d.values[i]
		}
	}
	return nil
}

// places returns where the numbers of each storage are, the first of whose lengths is at byte at.
func places(r *io.SectionReader, at int64, keys []any, storages map[string]*storage) (map[string]int64, error) {
	found := map[string]int64{}
	for _, k := range keys {
		key, _ := k.(string)
		s := storages[key]
		if s == nil || found[key] != 0 {
			return nil, fmt.Errorf("storage %.80q comes twice, or belongs to no tensor; the file is corrupt", key)
		}
		var length [8]byte
		if _, err := r.ReadAt(length[:], at); err != nil {
			return nil, fmt.Errorf("the file ends before storage %.80q; it is truncated", key)
		}
		at += 8
		if n := binary.LittleEndian.Uint64(length[:]); n != uint64(s.numbers) || s.bytes() > r.Size()-at {
			return nil, fmt.Errorf("storage %.80q has %d numbers, not %d, or the file ends in it; it is truncated or corrupt", key, n, s.numbers)
		}
		found[key] = at
		at += s.bytes()
	}
	if len(found) < len(storages) {
		return nil, fmt.Errorf("%d storages are not in the file; it is corrupt", len(storages)-len(found))
	}
	return found, nil
}
