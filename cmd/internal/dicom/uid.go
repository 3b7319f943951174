package dicom

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"math/big"
)

// implementation is the UID of this writer, and implementationName its name; both stand in the meta information of what it writes.
const (
	implementation     = "2.25.234672122054259503271200329133163883877"
	implementationName = "SPDIFF"
)

// newUID returns the UID of a derived image, 2.25. and a UUID (PS3.5, B.2) of version 8 (RFC 9562) made of a hash of the original's
// UID, the derivation and the pixels: the same image has the same UID.
func (f *File) newUID(frames [][]int32, d Derivation) (string, error) {
	h := sha256.New()
	for _, s := range []string{text(find(f.elements, sopInstance)), d.Description, d.ModelHash} {
		hashText(h, s)
	}
	if err := f.writeFrames(h, frames); err != nil {
		return "", err
	}
	return uuid(h.Sum(nil)), nil
}

// newSeries returns the UID of the series that an image derived from one of a series is in: a hash of the series' UID and the
// derivation. So all that is made of a series in one way is a series, and not the original's, where a viewer would show each image twice.
func newSeries(series string, d Derivation) string {
	h := sha256.New()
	for _, s := range []string{series, d.Description, d.ModelHash} {
		hashText(h, s)
	}
	return uuid(h.Sum(nil))
}

// hashText adds a text with its length, so that no two lists of texts are one.
func hashText(h hash.Hash, s string) {
	h.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(s))))
	h.Write([]byte(s))
}

func uuid(sum []byte) string {
	b := sum[:16:16]
	b[6] = b[6]&0x0f | 0x80 // version 8
	b[8] = b[8]&0x3f | 0x80 // the variant of RFC 9562
	return "2.25." + new(big.Int).SetBytes(b).String()
}
