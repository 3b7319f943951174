package safetensors

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"strings"

	"spdiff/tensor/atomicfile"
)

// A sealed file carries its checksum: in the metadata, under "sha256", the SHA-256 of all its bytes as they are while these 64
// digits are zeros. It is a safetensors file like any other.
const (
	sumKey = "sha256"
	digits = 2 * sha256.Size
)

var noSum = strings.Repeat("0", digits)

// A SealError says that a file is not as it was sealed: damaged, cut short, or never sealed. Nothing of it was used.
type SealError struct{ Reason string }

// Error gives the reason.
func (e *SealError) Error() string { return e.Reason }

// WriteSealed writes f to path as [Write] does, with its checksum in the metadata, where f must have none.
func WriteSealed(path string, f *File) error {
	return atomicfile.Write(path, func(w io.Writer) error { return EncodeSealed(w, f) })
}

// EncodeSealed writes f as [Encode] does, with its checksum in the metadata, where f must have none.
func EncodeSealed(w io.Writer, f *File) error {
	if _, ok := f.Metadata[sumKey]; ok {
		return fmt.Errorf("safetensors: the metadata has a %q of its own", sumKey)
	}
	sealed := &File{Metadata: map[string]string{sumKey: noSum}, Tensors: f.Tensors}
	maps.Copy(sealed.Metadata, f.Metadata)
	h := sha256.New()
	if err := Encode(h, sealed); err != nil {
		return err
	}
	sealed.Metadata[sumKey] = hex.EncodeToString(h.Sum(nil))
	return Encode(w, sealed)
}

// ReadSealed reads a file that [WriteSealed] wrote. Where one bit of it is not as it was written, the error is a *SealError,
// found before anything else is believed.
func ReadSealed(path string) (*File, error) {
	return readFile(path, DecodeSealed)
}

// DecodeSealed reads a sealed file of size bytes, as ReadSealed does. Its errors do not name the file.
func DecodeSealed(r io.ReaderAt, size int64) (*File, error) {
	if err := checkSeal(r, size); err != nil {
		return nil, err
	}
	f, err := Decode(r, size)
	if err == nil {
		delete(f.Metadata, sumKey)
	}
	return f, err
}

// checkSeal compares the checksum in the header with that of the bytes.
func checkSeal(r io.ReaderAt, size int64) error {
	header, err := readHeader(r, size)
	if err != nil {
		return &SealError{err.Error()}
	}
	name := []byte(`"` + sumKey + `":"`)
	at := bytes.Index(header, name) + len(name)
	if at < len(name) || at+digits > len(header) {
		return &SealError{"there is no checksum; the file is damaged, or was not written as a state to go on from"}
	}
	said := string(header[at : at+digits])
	copy(header[at:], noSum)
	h := sha256.New()
	if _, err := io.CopyN(h, io.NewSectionReader(r, 0, 8), 8); err != nil {
		return err
	}
	h.Write(header)
	begin := int64(8 + len(header))
	if _, err := io.Copy(h, io.NewSectionReader(r, begin, size-begin)); err != nil {
		return err
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != said {
		return &SealError{fmt.Sprintf("the checksum is %.16s… and the file says %.16q…; it is damaged", got, said)}
	}
	return nil
}
