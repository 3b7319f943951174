package safetensors

import "io"

// A Header is what a file says of itself before its numbers.
type Header struct {
	Metadata map[string]string // as in a [File]
	Names    []string          // of the tensors, in the order of their numbers
	Numbers  int64             // how many numbers all tensors have
	Sealed   bool              // whether there is a checksum, see [WriteSealed]
}

// DecodeHeader reads the header of a file of size bytes, and checks it as [Decode] does: the numbers that it speaks of are
// there. It takes memory for the header alone. Its errors do not name the file.
func DecodeHeader(r io.ReaderAt, size int64) (*Header, error) {
	meta, entries, _, err := readEntries(r, size)
	if err != nil {
		return nil, err
	}
	h := &Header{Metadata: meta}
	_, h.Sealed = meta[sumKey]
	for _, e := range entries {
		n, err := elements(e.Shape)
		if err != nil {
			return nil, err
		}
		h.Names, h.Numbers = append(h.Names, e.name), h.Numbers+int64(n)
	}
	return h, nil
}
