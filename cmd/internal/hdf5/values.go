package hdf5

import (
	"bytes"
	"fmt"
)

// step is how many bytes are read at once.
const step = 1 << 20

// Texts sets dst to elements of a list of texts, from one on, without what pads them. Texts of variable length are in heaps; the error
// where all calls for an array read more than 16 times the file's bytes of them ends those that lead to the same ones again and again.
func (d *Dataset) Texts(dst []string, from int) error {
	if len(d.Shape) > 1 || d.Type.Class != Text && d.Type.Class != VarText {
		return fmt.Errorf("it has the shape %v of %v; a list of texts is wanted", d.Shape, d.Type)
	}
	heaps := map[uint64]map[uint64][]byte{}
	return d.each(from, len(dst), func(i int, b []byte) (err error) {
		dst[i], err = d.text(b, heaps)
		return err
	})
}

// each calls f for n elements of a list, from one on.
func (d *Dataset) each(from, n int, f func(i int, b []byte) error) error {
	size := d.Type.Size
	b := make([]byte, min(n, max(1, step/size))*size)
	for done := 0; done < n; {
		b = b[:min(len(b), (n-done)*size)]
		if err := d.ReadAt(b, from+done); err != nil {
			return err
		}
		for k := 0; k < len(b); k += size {
			if err := f(done, b[k:k+size]); err != nil {
				return fmt.Errorf("element %d: %w", from+done, err)
			}
			done++
		}
	}
	return nil
}

// text returns the text that an element's bytes are; heaps has those that were read.
func (d *Dataset) text(b []byte, heaps map[uint64]map[uint64][]byte) (string, error) {
	if d.Type.Class == VarText {
		return d.varText(b, heaps)
	}
	if d.Type.padding == 2 {
		return string(bytes.TrimRight(b, " ")), nil
	}
	b, _, _ = bytes.Cut(b, []byte{0})
	return string(b), nil
}

// Bounds of a heap of texts, of those that are kept, and of the bytes of all that are read, for each byte of the file.
const (
	maxHeap  = 1 << 26
	maxHeaps = 16
	maxRead  = 16
)

// varText returns a text of a global heap.
func (d *Dataset) varText(b []byte, heaps map[uint64]map[uint64][]byte) (string, error) {
	c := &cursor{b: b, sizes: d.f.sizes}
	n, at, index := c.u32(), c.address(), c.u32()
	if n == 0 || at == 0 || at == undefined {
		return "", nil
	}
	heap, ok := heaps[at]
	if !ok {
		var err error
		if heap, err = d.globalHeap(at); err != nil {
			return "", err
		}
		if len(heaps) >= maxHeaps {
			clear(heaps)
		}
		heaps[at] = heap
	}
	text, ok := heap[index]
	if !ok || n > uint64(len(text)) || n > maxText {
		return "", fmt.Errorf("a text of %d bytes is not in its heap, or above %d", n, maxText)
	}
	return string(bytes.TrimRight(text[:n], "\x00")), nil
}

// globalHeap returns the objects of a heap.
func (d *Dataset) globalHeap(at uint64) (map[uint64][]byte, error) {
	f := d.f
	c, err := f.cursor(at, uint64(8+f.length), "a global heap")
	if err != nil {
		return nil, err
	}
	ok := c.magic("GCOL") && c.u8() == 1
	c.bytes(3)
	n := c.size()
	if !ok || n < 16 || n > maxHeap {
		return nil, damaged("a global heap", at)
	}
	if d.heaps.Add(n) > maxRead*uint64(f.size) {
		return nil, fmt.Errorf("the heaps of texts up to here have more than %d times the file's %d bytes; the file is damaged", maxRead, f.size)
	}
	if c, err = f.cursor(at, n, "a global heap"); err != nil {
		return nil, err
	}
	head := (8 + f.length + 7) &^ 7 // of the heap and of its objects, whole words
	c.bytes(head)
	heap := map[uint64][]byte{}
	for c.left() >= head {
		index := c.uint(2)
		c.bytes(6)
		size := c.size()
		c.bytes(head - 8 - f.length)
		if index == 0 { // what is free
			break
		}
		if size > uint64(c.left()) {
			return nil, damaged("a global heap", at)
		}
		heap[index] = c.bytes(int(size))
		c.bytes(min(c.left(), int(-size&7)))
	}
	return heap, nil
}
