package main

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"

	"spdiff"
	"spdiff/cmd/internal/dataset"
)

// The notes that a run's states have.
const (
	dataNote    = "data"    // the identity of the images
	changedNote = "changed" // the steps at which a call went on with other images, between commas
)

// witnesses is how many numbers of the images an identity is made of, about: all of a small set.
const witnesses = 1 << 19

// identity returns what tells a set of images from others, wherever they are: a checksum of their number, shape, and of the numbers
// and classes of all images, or, of a large set, of some at equal distances, the first and the last among them, and then of what
// dataset knows of the files of all.
func identity(ctx context.Context, s, opened spdiff.Source) (string, error) {
	n := s.Len()
	h, w, c := s.Shape()
	sum := sha256.New()
	binary.Write(sum, binary.LittleEndian, []int64{int64(n), int64(h), int64(w), int64(c)})
	image := make([]float32, h*w*c)
	bytes := make([]byte, 4*len(image))
	looked := min(n, max(16, witnesses/max(1, len(image))))
	for k := range looked {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		i := k
		if looked < n {
			i = int(int64(k) * int64(n-1) / int64(looked-1))
		}
		class, err := s.Image(image, i)
		if err != nil {
			return "", fmt.Errorf("image %d: %w", i, err)
		}
		for j, v := range image {
			binary.LittleEndian.PutUint32(bytes[4*j:], math.Float32bits(v))
		}
		binary.Write(sum, binary.LittleEndian, int64(class))
		sum.Write(bytes)
	}
	if looked < n {
		id, err := dataset.IdentityOf(opened)
		if err != nil {
			return "", err
		}
		sum.Write([]byte(id.Hash))
	}
	return hex.EncodeToString(sum.Sum(nil)[:16]), nil
}
