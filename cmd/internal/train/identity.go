package train

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
	dataNote    = "data"    // the mark of the images
	filesNote   = "files"   // what dataset knows of their files, as text
	changedNote = "changed" // the steps at which a call went on with other images, between commas
)

// witnesses is how many numbers of the images an identity is made of, about: all of a small set.
const witnesses = 1 << 19

// An identity tells a set of images from others, wherever they are.
type identity struct {
	mark  string           // of their numbers
	files dataset.Identity // of all of them, without a limit: which are others
}

// identify returns the identity of what the run learns from.
func (r *trainRun) identify(ctx context.Context) (id identity, err error) {
	if id.files, err = dataset.IdentityOf(r.opened); err != nil {
		return id, err
	}
	id.mark, err = markOf(ctx, r.source, id.files.Hash)
	return id, err
}

// keep writes the identity into notes.
func (id identity) keep(notes map[string]string) {
	notes[dataNote], notes[filesNote] = id.mark, id.files.Text()
}

// changes says in what the images are others than those of the notes, each line of it after a new line, as far as the notes tell.
func (id identity) changes(notes map[string]string) (text string) {
	before, err := dataset.ParseIdentity(notes[filesNote])
	if err != nil {
		return "" // of a run from before there was such a note
	}
	lines := dataset.Diff(before, id.files)
	if lines == nil && notes[dataNote] != id.mark && len(before.Files) > 0 {
		lines = []string{"each file has the same name and size as before; its content has changed, or -limit takes another number of images"}
	}
	for _, line := range lines {
		text += "\n  " + line
	}
	return text
}

// markOf returns a checksum of a set of images: of their number, shape, and of the numbers and classes of all images, or, of a large
// set, of some at equal distances, the first and the last among them, and then of a hash of the files of all.
func markOf(ctx context.Context, s spdiff.Source, files string) (string, error) {
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
		sum.Write([]byte(files))
	}
	return hex.EncodeToString(sum.Sum(nil)[:16]), nil
}
