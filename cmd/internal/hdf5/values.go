package hdf5

import (
	"bytes"
	"fmt"
	"math"
)

// step is how many bytes are read at once.
const step = 1 << 20

// each calls f for elements from one on, which must be of one of the classes.
func (d *Dataset) each(from, n int, f func(i int, b []byte) error, classes ...Class) error {
	ok := false
	for _, c := range classes {
		ok = ok || d.Type.Class == c
	}
	if len(d.Shape) > 1 || !ok {
		return fmt.Errorf("it has the shape %v of %v; a list of another kind is wanted", d.Shape, d.Type)
	}
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

// Ints sets dst to elements of a list of whole numbers, from one on. Numbers of 64 bits without a sign must be below 2⁶³.
func (d *Dataset) Ints(dst []int64, from int) error {
	return d.each(from, len(dst), func(i int, b []byte) error {
		v := d.bits(b)
		if shift := 64 - 8*len(b); d.Type.Signed {
			dst[i] = int64(v) << shift >> shift
		} else {
			dst[i] = int64(v)
		}
		if !d.Type.Signed && dst[i] < 0 {
			return fmt.Errorf("%d is above 2⁶³", v)
		}
		return nil
	}, Integer)
}

// Floats sets dst to elements of a list of floating-point numbers, from one on.
func (d *Dataset) Floats(dst []float64, from int) error {
	return d.each(from, len(dst), func(i int, b []byte) error {
		if v := d.bits(b); len(b) == 4 {
			dst[i] = float64(math.Float32frombits(uint32(v)))
		} else {
			dst[i] = math.Float64frombits(v)
		}
		return nil
	}, Float)
}

func (d *Dataset) bits(b []byte) uint64 {
	o := order(d.Type.BigEndian)
	switch len(b) {
	case 1:
		return uint64(b[0])
	case 2:
		return uint64(o.Uint16(b))
	case 4:
		return uint64(o.Uint32(b))
	}
	return o.Uint64(b)
}

// Texts sets dst to elements of a list of texts, from one on, without what pads them.
func (d *Dataset) Texts(dst []string, from int) error {
	heaps := map[uint64]map[uint64][]byte{}
	return d.each(from, len(dst), func(i int, b []byte) (err error) {
		if d.Type.Class == VarText {
			dst[i], err = d.varText(b, heaps)
			return err
		}
		if d.Type.padding == 2 {
			b = bytes.TrimRight(b, " ")
		} else if end := bytes.IndexByte(b, 0); end >= 0 {
			b = b[:end]
		}
		dst[i] = string(b)
		return nil
	}, Text, VarText)
}

// Bounds of a heap of texts, and of those that are kept.
const (
	maxHeap  = 1 << 26
	maxHeaps = 16
)

// varText returns a text of a global heap; heaps has those that were read.
func (d *Dataset) varText(b []byte, heaps map[uint64]map[uint64][]byte) (string, error) {
	c := &cursor{b: b, sizes: d.f.sizes}
	n, at, index := c.u32(), c.address(), c.u32()
	if n == 0 || at == 0 || at == undefined {
		return "", nil
	}
	heap, ok := heaps[at]
	if !ok {
		var err error
		if heap, err = d.f.globalHeap(at); err != nil {
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
func (f *File) globalHeap(at uint64) (map[uint64][]byte, error) {
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
