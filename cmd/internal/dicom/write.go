package dicom

import (
	"context"
	"encoding/binary"
	"io"
	"iter"
	"strings"
)

// element returns one of a tag and a value in the syntax that is written.
func (f *File) element(t Tag, name, value string) element {
	return element{tag: t, raw: encode(t, name, value, f.Syntax.explicit())}
}

// encode returns an element, its value padded to an even length.
func encode(t Tag, name, value string, explicit bool) []byte {
	if len(value)%2 != 0 {
		value += map[bool]string{true: "\x00", false: " "}[name == "UI" || name == "OB"]
	}
	return append(headBytes(t, vr{name[0], name[1]}, uint32(len(value)), explicit), value...)
}

func tagBytes(t Tag) []byte {
	return binary.LittleEndian.AppendUint16(binary.LittleEndian.AppendUint16(nil, uint16(t.group())), uint16(t))
}

// headBytes returns the head of an element.
func headBytes(t Tag, v vr, length uint32, explicit bool) []byte {
	b := tagBytes(t)
	switch {
	case !explicit:
		return binary.LittleEndian.AppendUint32(b, length)
	case v.short():
		return binary.LittleEndian.AppendUint16(append(b, v[:]...), uint16(length))
	}
	return binary.LittleEndian.AppendUint32(append(b, v[0], v[1], 0, 0), length)
}

// metaBytes returns the preamble and the file meta information.
func (f *File) metaBytes(uid string) []byte {
	var m []byte
	add := func(t Tag, name, value string) { m = append(m, encode(t, name, value, true)...) }
	add(metaVersion, "OB", "\x00\x01")
	add(metaClass, "UI", f.class())
	add(metaInstance, "UI", uid)
	add(metaSyntax, "UI", f.Syntax.written())
	add(metaImplementation, "UI", implementation)
	add(metaVersionName, "SH", implementationName)
	for _, e := range f.meta { // what is said of who wrote and sent the file would not be so
		if e.tag >= metaPrivate {
			m = append(m, e.raw...)
		}
	}
	length := string(binary.LittleEndian.AppendUint32(nil, uint32(len(m))))
	start := strings.Repeat("\x00", preamble) + magic + string(encode(metaLength, "UL", length, true))
	return append([]byte(start), m...)
}

// merge yields the elements of both lists in the order of their tags; of one that is in both, that of changed.
func merge(all, changed []element) iter.Seq[element] {
	return func(yield func(element) bool) {
		for len(all) > 0 || len(changed) > 0 {
			var e element
			switch {
			case len(changed) == 0 || len(all) > 0 && all[0].tag < changed[0].tag:
				e, all = all[0], all[1:]
			default:
				if len(all) > 0 && all[0].tag == changed[0].tag {
					all = all[1:]
				}
				e, changed = changed[0], changed[1:]
			}
			if !yield(e) {
				return
			}
		}
	}
}

// pixelBytes is the length of the pixels without compression.
func (f *File) pixelBytes() int64 {
	n := int64(f.Frames) * int64(f.size()) * int64(f.BitsAllocated/8)
	return n + n%2
}

// writePixels writes the element with the pixels.
func (f *File) writePixels(w io.Writer, frames [][]int32) error {
	v := f.pixels.vr
	if f.Syntax.encapsulated() {
		v = vr{'O', 'W'}
		if f.BitsAllocated == 8 {
			v = vr{'O', 'B'}
		}
	}
	if _, err := w.Write(headBytes(pixelData, v, uint32(f.pixelBytes()), f.Syntax.explicit())); err != nil {
		return err
	}
	return f.writeFrames(w, frames)
}

// writeFrames writes the pixels without compression.
func (f *File) writeFrames(w io.Writer, frames [][]int32) error {
	b := make([]byte, f.size()*f.BitsAllocated/8)
	for i, values := range frames {
		words, err := f.words(context.Background(), i)
		if err != nil {
			return err
		}
		for k, v := range values {
			words[k] = f.put(words[k], v)
		}
		f.pack(b, words, f.planes && !f.converted())
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
	if len(b)*len(frames)%2 != 0 {
		_, err := w.Write([]byte{0})
		return err
	}
	return nil
}
