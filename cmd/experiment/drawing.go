package main

import (
	"context"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"time"

	"spdiff"
	"spdiff/cmd/internal/shard"
	"spdiff/tensor/atomicfile"
)

// A drawing is the samples of a measure under way: they are drawn and counted part by part, and what is done is kept in files, from which
// the next call goes on.
type drawing struct {
	comparison spdiff.Comparison // of Of parts
	folder     string            // of its files
	pictures   func(x []float32) error
	tally      *spdiff.Tally // of the parts that are done; nil: of none
	took       []took        // of each of them
	since      int           // how many of them earlier calls made
}

// A took is how long a part took.
type took struct {
	Drawing  time.Duration `json:"drawing"`
	Features time.Duration `json:"features"`
}

const (
	mostParts = 10
	pictured  = 64 // samples, which the first part has, if there are so many
)

// newDrawing returns the drawing of a comparison, with the parts that an earlier call has left in a folder. Its pictures, if not nil, are
// made of the first samples, before the first part is kept.
func newDrawing(q spdiff.Comparison, folder string, pictures func(x []float32) error) *drawing {
	q.Of = partsOf(q.Sampling.N)
	d := &drawing{comparison: q, folder: folder, pictures: pictures}
	d.load()
	return d
}

// partsOf returns in how many parts so many samples are drawn.
func partsOf(samples int) int { return max(1, min(samples/pictured, mostParts)) }

// undrawn returns which share of the samples of a measure is left to draw, as it looks from outside.
func undrawn(folder string, m measure) float64 {
	var all []took
	if readJSON(filepath.Join(drawingFolder(folder, m.name), tookFile), &all) != nil {
		return 1
	}
	return 1 - min(1, float64(len(all))/float64(partsOf(m.samples)))
}

// The files of a drawing.
const (
	tallyFile = "tally.npz"
	tookFile  = "took.json"
)

func (d *drawing) path(name string) string { return filepath.Join(d.folder, name) }

// load takes the parts that are there. What is damaged, or of another comparison, is none, and is made anew.
func (d *drawing) load() {
	t, err := spdiff.LoadTally(d.path(tallyFile))
	if err != nil || t.Title() != d.comparison.Title {
		return
	}
	in, of := t.Part()
	n := len(in)
	var all []took
	if err := readJSON(d.path(tookFile), &all); err != nil || of != d.comparison.Of || in[n-1] != n-1 || len(all) < n {
		return
	}
	d.tally, d.took, d.since = t, all[:n], n
}

// parts returns how many are done.
func (d *drawing) parts() int { return len(d.took) }

// next draws and counts the next part, and keeps it. It returns how long that took.
func (d *drawing) next(ctx context.Context) (s took, err error) {
	t, shown := &timer{Generator: d.comparison.Generator}, d.parts() == 0 && d.pictures != nil
	if shown {
		t.keep = pictured
	}
	q := d.comparison
	q.Part, q.Generator, q.Progress = d.parts(), t, d.progress()
	begun := time.Now()
	part, err := spdiff.Measure(ctx, q)
	s = took{t.drew, time.Since(begun) - t.drew}
	if err == nil && shown {
		err = d.pictures(t.first)
	}
	if err != nil {
		return s, err
	}
	return s, d.add(part, s)
}

// add joins a part to those that are done. If these are of another call, and of another comparison all the same, all begins anew.
func (d *drawing) add(part *spdiff.Tally, s took) (err error) {
	if d.tally != nil {
		if part, err = spdiff.MergeTallies(d.tally, part); err != nil && d.since > 0 {
			fmt.Printf("the parts in %s are of another comparison: all is drawn anew (%v)\n", d.folder, err)
			d.tally, d.took, d.since = nil, nil, 0
			return nil
		}
	}
	if err != nil {
		return err
	}
	d.tally, d.took = part, append(d.took, s)
	return d.keep()
}

// keep writes what is done, unless that is all at once. The seconds come first: those of a part that is not there yet do not count.
func (d *drawing) keep() error {
	if d.comparison.Of == 1 {
		return nil
	}
	if err := os.MkdirAll(d.folder, 0o777); err != nil {
		return err
	}
	if err := writeJSON(d.path(tookFile), d.took); err != nil {
		return err
	}
	return atomicfile.Written(d.tally.Save(d.path(tallyFile)))
}

// progress returns a Progress of a part that counts all samples which this call draws.
func (d *drawing) progress() func(what string, done, of int) {
	say, there := d.comparison.Progress, d.samples(d.since)
	before, all := d.samples(d.parts())-there, d.comparison.Sampling.N-there
	return func(what string, done, _ int) {
		if say != nil {
			say(what, before+done, all)
		}
	}
}

// samples returns how many the first parts have.
func (d *drawing) samples(parts int) int {
	from, _ := shard.Shard{Index: parts, Of: d.comparison.Of}.Share(d.comparison.Sampling.N)
	return from
}

// total returns how long all parts took, those of earlier calls too.
func (d *drawing) total() (all took) {
	for _, s := range d.took {
		all.Drawing += s.Drawing
		all.Features += s.Features
	}
	return all
}

// drawingFolder returns the folder of a drawing: FOLDER/measuring/NAME, which no merge brings over, unlike what is measured.
func drawingFolder(folder, name string) string { return filepath.Join(folder, "measuring", name) }

// forgetDrawing removes what was kept of a drawing: the record is there.
func forgetDrawing(folder, name string) error {
	path := drawingFolder(folder, name)
	err := os.RemoveAll(path)
	os.Remove(filepath.Dir(path)) // unless another measure has something in it
	return err
}

// A timer is a generator that knows how long it drew, and keeps the first images.
type timer struct {
	spdiff.Generator
	drew  time.Duration
	keep  int
	first []float32
}

// Samples implements spdiff.Generator.
func (t *timer) Samples(ctx context.Context, s spdiff.Sampling) iter.Seq2[spdiff.Drawn, error] {
	return func(yield func(spdiff.Drawn, error) bool) {
		begun := time.Now()
		for d, err := range t.Generator.Samples(ctx, s) {
			t.drew += time.Since(begun)
			if err == nil && t.keep > 0 {
				t.first, t.keep = append(t.first, d.Pixels.Data()...), t.keep-1
			}
			if !yield(d, err) {
				return
			}
			begun = time.Now()
		}
	}
}
