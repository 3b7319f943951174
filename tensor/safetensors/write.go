package safetensors

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"unicode/utf8"

	"spdiff/tensor/atomicfile"
)

// Write writes f to path, aside first: where it fails, what was at path is still there, whole.
func Write(path string, f *File) error {
	return atomicfile.Write(path, func(w io.Writer) error { return Encode(w, f) })
}

// Encode writes f as F32, the tensors in their order. Equal files give equal bytes. It returns an error if a name comes
// twice, is "__metadata__" or, like a text of the metadata, no UTF-8.
func Encode(w io.Writer, f *File) error {
	header, err := f.header()
	if err != nil {
		return err
	}
	b := bufio.NewWriterSize(w, 1<<16)
	var n [8]byte
	binary.LittleEndian.PutUint64(n[:], uint64(len(header)))
	b.Write(n[:])
	b.Write(header)
	for _, t := range f.Tensors {
		for _, v := range t.Value.Data() {
			binary.LittleEndian.PutUint32(n[:4], math.Float32bits(v))
			if _, err := b.Write(n[:4]); err != nil {
				return err
			}
		}
	}
	return b.Flush()
}

// header returns the JSON header, filled with spaces to a multiple of eight bytes so that the numbers are aligned.
func (f *File) header() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	if err := f.writeMetadata(&b); err != nil {
		return nil, err
	}
	if err := f.writeEntries(&b); err != nil {
		return nil, err
	}
	b.WriteByte('}')
	for b.Len()%8 != 0 {
		b.WriteByte(' ')
	}
	if b.Len() > maxHeader {
		return nil, fmt.Errorf("safetensors: the header has %d bytes; at most %d are allowed", b.Len(), maxHeader)
	}
	return b.Bytes(), nil
}

// writeMetadata writes the member of the metadata, if there are any.
func (f *File) writeMetadata(b *bytes.Buffer) error {
	if f.Metadata == nil {
		return nil
	}
	for key, text := range f.Metadata {
		if !utf8.ValidString(key) || !utf8.ValidString(text) {
			return fmt.Errorf("safetensors: the metadata %.80q is no UTF-8", key)
		}
	}
	return writeMember(b, "__metadata__", f.Metadata)
}

// writeEntries writes a member for each tensor: what it is, and where its numbers are.
func (f *File) writeEntries(b *bytes.Buffer) error {
	seen, end := map[string]bool{"__metadata__": true}, 0
	for _, t := range f.Tensors {
		if seen[t.Name] {
			return fmt.Errorf("safetensors: the name %.80q comes twice", t.Name)
		}
		if !utf8.ValidString(t.Name) {
			return fmt.Errorf("safetensors: the name %.80q is no UTF-8", t.Name)
		}
		seen[t.Name] = true
		begin := end
		end += 4 * t.Value.Len()
		shape := append([]int{}, t.Value.Shape()...) // [] and not null for a single number
		if err := writeMember(b, t.Name, entry{Dtype: "F32", Shape: shape, Data: []int{begin, end}}); err != nil {
			return err
		}
	}
	return nil
}

// writeMember writes a member of an object whose brace is there.
func writeMember(b *bytes.Buffer, name string, value any) error {
	if b.Len() > 1 {
		b.WriteByte(',')
	}
	key, err := json.Marshal(name)
	if err != nil {
		return err
	}
	text, err := json.Marshal(value)
	b.Write(key)
	b.WriteByte(':')
	b.Write(text)
	return err
}
