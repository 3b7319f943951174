// Package checksum has the SHA-256 of files, in hexadecimal digits.
package checksum

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"

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

// Load returns what load makes of the file at a path, and the sum of that same file: should another take its place meanwhile, as a
// training's newest model does, that one is loaded.
func Load[T any](path string, load func(path string) (T, error)) (loaded T, sum string, err error) {
	for {
		before, _ := os.Stat(path) // load says better what is wrong
		if loaded, err = load(path); err != nil {
			return loaded, "", err
		}
		sum, err = Hash(path)
		if after, _ := os.Stat(path); err != nil || same(before, after) {
			return loaded, sum, err
		}
	}
}

// same reports whether two looks at a path saw the same file, unchanged.
func same(a, b os.FileInfo) bool {
	return a != nil && b != nil && os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}

// Sum returns the sum of what is read.
func Sum(r io.Reader) (string, error) {
	h := sha256.New()
	if _, err := io.Copy(h, r); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
