// Package checksum has the SHA-256 of files, in hexadecimal digits.
package checksum

import (
	"crypto/sha256"
	"encoding/hex"
	"io"

	"spdiff/tensor/atomicfile"
)

// Hash returns the sum of the file at a path, which must be a regular one.
func Hash(path string) (string, error) {
	f, _, err := atomicfile.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	return Sum(f)
}

// Sum returns the sum of what is read.
func Sum(r io.Reader) (string, error) {
	h := sha256.New()
	if _, err := io.Copy(h, r); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
