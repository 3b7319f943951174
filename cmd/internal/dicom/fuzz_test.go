package dicom

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"spdiff/cmd/internal/allocs"
	"spdiff/cmd/internal/packed"
)

// Any bytes are an image or an error, for memory that is bounded; an image is written and read again as it is.
func FuzzDecode(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("testdata", "*.dcm"))
	if err != nil || len(files) < 20 {
		f.Fatal(len(files), err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		n := int64(len(b))
		var d *File
		limit := 17<<20 + 3*n
		if bytes.Contains(b, []byte(deflatedLE)) {
			limit += 4 * packed.Limit(n)
		}
		allocs.Bound(t, limit, func() {
			d, err = Decode(b)
		})
		if err != nil {
			return
		}
		var frames [][]int32
		for i := range min(d.Frames, 8) {
			allocs.Bound(t, 1<<20+16*3*max(1<<20, 256*n), func() {
				values, err := d.Frame(t.Context(), i)
				if err == nil {
					frames = append(frames, values)
				}
			})
		}
		if len(frames) == d.Frames {
			again(t, d, frames)
		}
	})
}

// again writes and reads an image.
func again(t *testing.T, d *File, frames [][]int32) {
	z := decode(t, derive(t, d, frames))
	if !slices.EqualFunc(all(t, z), frames, slices.Equal) {
		t.Fatal("other values come back")
	}
	if _, err := d.Used(t.Context()); err != nil {
		t.Fatal(err)
	}
	if windows, err := d.Windows(); err == nil {
		for _, w := range windows {
			if r, err := d.Window(w); err == nil && r.Lo >= r.Hi {
				t.Fatalf("the window %v is %v", w, r)
			}
		}
	}
}
