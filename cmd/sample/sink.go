package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"spdiff"
	"spdiff/cmd/internal/cli"
	"spdiff/cmd/internal/grid"
	"spdiff/tensor/atomicfile"
	"spdiff/tensor/npy"
)

// A sink takes images as they are drawn.
type sink interface {
	put(d spdiff.Drawn) error
	close() error // writes what is not written yet
}

// newSink returns what takes the images to where -out says.
func (o *options) newSink(g spdiff.Generator, made record) (sink, error) {
	h, w, c := g.Shape()
	p := pile{path: o.out, h: h, w: w, c: c}
	switch strings.ToLower(filepath.Ext(o.out)) {
	case ".png":
		return &picture{p}, nil
	case ".npz":
		return &archive{pile: p, bytes: o.bytes, labels: g.Classes() > 0 && o.guidance != -1}, nil
	}
	return newFolder(o, made)
}

// A pile keeps images until the end.
type pile struct {
	path    string
	h, w, c int
	pixels  []float32
	classes []int64
}

func (p *pile) put(d spdiff.Drawn) error {
	p.pixels, p.classes = append(p.pixels, d.Pixels.Data()...), append(p.classes, int64(d.Class))
	return nil
}

// A picture is a grid of all images.
type picture struct{ pile }

func (p *picture) close() error {
	if len(p.classes) == 0 {
		return nil
	}
	return grid.Write(p.path, p.pixels, len(p.classes), p.h, p.w, p.c)
}

// An archive is the numbers of all images, and their classes if there are any: images and labels, or, as bytes, the arr_0 and arr_1 that
// ADM's evaluator reads.
type archive struct {
	pile
	bytes, labels bool
}

func (a *archive) close() error {
	if len(a.classes) == 0 {
		return nil
	}
	shape := []int{len(a.classes), a.h, a.w, a.c}
	images, names := npy.Member(npy.Exact[float32]{Shape: shape, Data: a.pixels}), [2]string{"images", "labels"}
	if a.bytes {
		images, names = npy.Exact[uint8]{Shape: shape, Data: bytesOf(a.pixels)}, [2]string{"arr_0", "arr_1"}
	}
	arrays := map[string]npy.Member{names[0]: images}
	if a.labels {
		arrays[names[1]] = npy.Exact[int64]{Shape: []int{len(a.classes)}, Data: a.classes}
	}
	return npy.WriteExact(a.path, arrays)
}

// bytesOf returns the grey values of x.
func bytesOf(x []float32) []uint8 {
	b := make([]uint8, len(x))
	for i, v := range x {
		b[i] = grid.Byte(v)
	}
	return b
}

// A folder has a PNG an image, by its number, and a record of what drew them, which is written before the first.
type folder struct {
	path  string
	made  record
	begun bool // the record is there
}

// recordFile is where a folder has its record.
const recordFile = "samples.json"

// A record says what drew the images of a folder: image k of it is always the same.
type record struct {
	Model  string `json:"model"` // the SHA-256 of its file
	Method string `json:"method"`
	Seed   uint64 `json:"seed"`
	Steps  int    `json:"steps"`
	Solver string `json:"solver"` // with its settings
	Class  int    `json:"class"`  // −1: each in turn
	Shape  [3]int `json:"shape"`

	Precision string `json:"precision,omitempty"` // none: float32
}

// newFolder opens a folder for images of a record. It returns an error if images of other records, or those to be drawn, are there.
func newFolder(o *options, made record) (*folder, error) {
	f := &folder{path: o.out, made: made}
	if _, err := f.recorded(); err != nil {
		return nil, err
	}
	if !o.part.Whole() {
		return f, nil // one that was killed is run again, and its images are the same
	}
	k, err := f.least(o.first, o.n)
	if err == nil && k >= 0 {
		err = cli.Usagef("-out %s: %s is there already; go on with -first %d", f.path, f.name(k), f.next(k))
	}
	return f, err
}

// least returns the least number of an image that is there, of the n from first on; −1 if there is none.
func (f *folder) least(first, n int) (int, error) {
	entries, err := os.ReadDir(f.path)
	least := -1
	for _, e := range entries {
		k, err := strconv.Atoi(strings.TrimSuffix(e.Name(), ".png"))
		if err == nil && k >= first && k-first < n && filepath.Base(f.name(k)) == e.Name() && (least < 0 || k < least) {
			least = k
		}
	}
	return least, err
}

// recorded reports whether the folder has images, which are then of its record. It returns an error if they are of another. A record
// without images, of a call that drew none, does not count.
func (f *folder) recorded() (bool, error) {
	others, err := f.others()
	if err != nil {
		return false, err
	}
	there, err := f.read()
	switch {
	case errors.Is(err, fs.ErrNotExist) && others:
		return false, cli.Usagef("-out %s: there are other files in this folder; name a new one, or empty it", f.path)
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, err
	case others && there != f.made:
		return false, cli.Usagef("-out %s: its images were drawn otherwise (%s says how); name another folder", f.path, f.record())
	}
	return others, nil
}

// read reads the record. It returns an error if what has its name is somebody's own: that is not to be written over.
func (f *folder) read() (there record, err error) {
	text, err := os.ReadFile(f.record())
	if err != nil {
		return there, fmt.Errorf("-out: %w", err)
	}
	if err := json.Unmarshal(text, &there); err != nil {
		return there, fmt.Errorf("-out: %s: %w; name another folder", f.record(), err)
	}
	if there.Model == "" {
		return there, cli.Usagef("-out %s: %s does not say what drew images, and would be written over; name another folder", f.path, f.record())
	}
	return there, nil
}

// begin writes the record, unless it is there.
func (f *folder) begin() error {
	if f.begun {
		return nil
	}
	there, err := f.recorded() // others may have drawn meanwhile
	if err == nil && !there {
		err = f.write()
	}
	f.begun = err == nil
	return err
}

// others reports whether the folder has files beside the record and what another part is writing.
func (f *folder) others() (bool, error) {
	entries, err := os.ReadDir(f.path)
	return slices.ContainsFunc(entries, func(e os.DirEntry) bool { return e.Name() != recordFile && !aside(e.Name()) }), err
}

// aside reports whether a file is temporary: that of a write under way, or of a test whether the folder can be written.
func aside(name string) bool { return atomicfile.IsAside(name) || strings.HasPrefix(name, ".spdiff-") }

// record is the path of the record.
func (f *folder) record() string { return filepath.Join(f.path, recordFile) }

// write writes the record.
func (f *folder) write() error {
	text, err := json.MarshalIndent(f.made, "", "  ")
	if err != nil {
		return err
	}
	return atomicfile.WriteFile(f.record(), append(text, '\n'))
}

func (f *folder) name(k int) string { return filepath.Join(f.path, fmt.Sprintf("%06d.png", k)) }

// next returns the first number from k on that is not there.
func (f *folder) next(k int) int {
	for {
		if _, err := os.Lstat(f.name(k)); err != nil {
			return k
		}
		k++
	}
}

func (f *folder) put(d spdiff.Drawn) error {
	if err := f.begin(); err != nil {
		return err
	}
	s := d.Pixels.Shape()
	return grid.WriteSingle(f.name(d.Number), d.Pixels.Data(), s[0], s[1], s[2])
}

func (f *folder) close() error { return nil }
