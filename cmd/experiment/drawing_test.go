package main

import (
	"context"
	"errors"
	"iter"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"spdiff"
	"spdiff/cmd/internal/cli/clitest"
	"spdiff/cmd/internal/evaluation"
	"spdiff/tensor"
	"spdiff/tensor/metrics"
)

// A painter draws images of four pixels, each a function of its number, and counts them. It ends with an error after so many; −1: never.
type painter struct{ most, drawn int }

var errStopped = errors.New("the call ended")

func (p *painter) Shape() (h, w, c int) { return 2, 2, 1 }
func (p *painter) Classes() int         { return 0 }

func (p *painter) Samples(_ context.Context, s spdiff.Sampling) iter.Seq2[spdiff.Drawn, error] {
	return func(yield func(spdiff.Drawn, error) bool) {
		for i := range s.N {
			if p.drawn == p.most {
				yield(spdiff.Drawn{}, errStopped)
				return
			}
			p.drawn++
			x := tensor.New(2, 2, 1)
			tensor.NewStream(s.Seed, uint64(s.First+i)).Uniform(x.Data(), 0)
			if !yield(spdiff.Drawn{Number: s.First + i, Pixels: x}, nil) {
				return
			}
		}
	}
}

// fourPixels are the features of such images: their pixels.
type fourPixels struct{}

func (fourPixels) Name() string { return "pixels" }
func (fourPixels) Dim() int     { return 4 }

func (fourPixels) Of(_ context.Context, x *tensor.Tensor) (*tensor.Tensor, error) {
	return tensor.From(slices.Clone(x.Data()), x.Shape()[0], 4), nil
}

// painted compares what a painter draws.
func painted(p *painter, n int) spdiff.Comparison {
	known := &metrics.Statistics{Images: 9, Mean: make([]float64, 4), Covariance: make([]float64, 16)}
	for i := range 4 {
		known.Covariance[5*i] = 1
	}
	return spdiff.Comparison{Title: "a model", Generator: p, Sampling: spdiff.Sampling{N: n, Reversal: spdiff.Reversal{Seed: 1}},
		Statistics: known, Extractor: fourPixels{}, Folds: 10}
}

// finish makes the parts that are left of a drawing.
func finish(t *testing.T, d *drawing) error {
	for d.parts() < d.comparison.Of {
		if _, err := d.next(t.Context()); err != nil {
			return err
		}
	}
	return nil
}

// interrupted leaves three of the ten parts of 640 samples in a folder, and returns how long they took.
func interrupted(t *testing.T, folder string) []took {
	t.Helper()
	d := newDrawing(painted(&painter{most: 200}, 640), folder, nil)
	if err := finish(t, d); !errors.Is(err, errStopped) || d.parts() != 3 {
		t.Fatalf("%d parts, %v", d.parts(), err)
	}
	return d.took
}

// A drawing that ended with a part under way goes on from the parts before: only the rest is drawn, with a progress that goes from
// nothing to all of that; the numbers are those of a whole, and the seconds those of all parts.
func TestDrawingGoesOn(t *testing.T) {
	const n = 640
	whole, err := spdiff.Evaluate(t.Context(), painted(&painter{most: -1}, n))
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(t.TempDir(), "whole")
	before := interrupted(t, folder)
	p, last, end := &painter{most: -1}, 0, 0
	q := painted(p, n)
	q.Progress = func(_ string, done, of int) {
		if done <= last {
			t.Errorf("from %d it goes to %d", last, done)
		}
		last, end = done, of
	}
	d := newDrawing(q, folder, nil)
	if err := finish(t, d); err != nil {
		t.Fatal(err)
	}
	if got, err := d.tally.Quality(t.Context()); err != nil || !reflect.DeepEqual(got, whole) {
		t.Errorf("in parts %+v, as a whole %+v; %v", got, whole, err)
	}
	if p.drawn != n-3*64 || last != p.drawn || end != p.drawn {
		t.Errorf("%d samples were drawn, %d of %d by the progress", p.drawn, last, end)
	}
	if len(d.took) != 10 || !slices.Equal(d.took[:3], before) || d.total().Drawing <= d.took[9].Drawing {
		t.Errorf("the parts took %v, %v in all; the first three took %v", d.took, d.total(), before)
	}
}

// Parts of another comparison, or damaged ones, are not gone on with: all is drawn.
func TestDrawingBeginsAnew(t *testing.T) {
	for name, change := range map[string]func(q *spdiff.Comparison, d *drawing) error{
		"another title":     func(q *spdiff.Comparison, _ *drawing) error { q.Title = "another model"; return nil },
		"another seed":      func(q *spdiff.Comparison, _ *drawing) error { q.Sampling.Seed++; return nil },
		"another reference": func(q *spdiff.Comparison, _ *drawing) error { q.Statistics.Mean[0] = 1; return nil },
		"other parts":       func(q *spdiff.Comparison, _ *drawing) error { q.Sampling.N = 130; return nil },
		"a damaged file":    func(_ *spdiff.Comparison, d *drawing) error { return os.Truncate(d.path(tallyFile), 1000) },
		"no seconds":        func(_ *spdiff.Comparison, d *drawing) error { return os.Remove(d.path(tookFile)) },
	} {
		folder := filepath.Join(t.TempDir(), "whole")
		interrupted(t, folder)
		p := &painter{most: -1}
		q := painted(p, 640)
		if err := change(&q, &drawing{folder: folder}); err != nil {
			t.Fatal(err)
		}
		want, err := spdiff.Evaluate(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		p.drawn = 0
		d := newDrawing(q, folder, nil)
		if err := finish(t, d); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got, err := d.tally.Quality(t.Context()); err != nil || !reflect.DeepEqual(got, want) || p.drawn < q.Sampling.N {
			t.Errorf("%s: %+v of %d samples, want %+v of %d; %v", name, got, p.drawn, want, q.Sampling.N, err)
		}
	}
}

// The pictures are of the first samples, and are there before the first part is: a call that goes on makes no others.
func TestDrawingPictures(t *testing.T) {
	folder, made := filepath.Join(t.TempDir(), "whole"), 0
	full := errors.New("the disk is full")
	var fails error
	begin := func() *drawing {
		return newDrawing(painted(&painter{most: -1}, 130), folder, func(x []float32) error {
			if made++; len(x) != 4*pictured || has(folder) {
				t.Errorf("%d numbers of pictures; a part is there: %v", len(x), has(folder))
			}
			return fails
		})
	}
	fails = full
	if err := finish(t, begin()); !errors.Is(err, full) || begin().parts() != 0 {
		t.Errorf("without pictures: %v, and %d parts are there", err, begin().parts())
	}
	fails = nil
	if err := finish(t, begin()); err != nil || begin().parts() != 2 || made != 2 {
		t.Errorf("%v; %d parts are there, pictures were made %d times", err, begin().parts(), made)
	}
}

// A measure of which a killed call has left a part goes on from there, says so, and leaves nothing of it; the record has the numbers
// of a whole, and the seconds of both calls.
func TestMeasureGoesOn(t *testing.T) {
	clitest.NeedsSIMD(t)
	data := images(t)
	t.Chdir(t.TempDir())
	args := tiny(data, "-models", "plain", "-seeds", "1", "-steps", "3", "-samples", "130", "-tables", "", "-out", "a")
	do(t, args...)
	cellFolder := filepath.Join("a", "8", "plain-1")
	path := recordPath(cellFolder, whole)
	want, err := timeless(path)
	if err != nil || os.Remove(path) != nil {
		t.Fatal(err)
	}
	d := begunDrawing(t, args, cellFolder)
	s, err := d.next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if left := undrawn(cellFolder, measure{name: whole, samples: 130}); left != 0.5 {
		t.Errorf("%v of the samples are left", left)
	}
	if out := do(t, args...); !strings.Contains(out, "going on: 1 of 2 parts are there") || strings.Contains(out, "drawn anew") {
		t.Errorf("it does not say that it goes on: %s", out)
	}
	got, err := timeless(path)
	if err != nil || string(got) != string(want) {
		t.Errorf("the record is\n%s\nwant\n%s\n%v", got, want, err)
	}
	var r record
	if err := readJSON(path, &r); err != nil || r.Drawing <= s.Drawing.Seconds() {
		t.Errorf("drawing took %v s, its first part alone %v; %v", r.Drawing, s.Drawing, err)
	}
	if has(filepath.Dir(d.folder)) {
		t.Error("parts are there beside the record")
	}
	if err := d.keep(); err != nil { // as after a kill between the record and their end
		t.Fatal(err)
	}
	if do(t, args...); has(filepath.Dir(d.folder)) {
		t.Error("another call leaves the parts beside the record")
	}
}

// begunDrawing returns the drawing of a cell's main measure as a call of those arguments begins it.
func begunDrawing(t *testing.T, args []string, folder string) *drawing {
	t.Helper()
	o, err := parse(args)
	if err != nil {
		t.Fatal(err)
	}
	l, err := newLab(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(folder, modelFile)
	g, _, err := evaluation.OpenModel(file, nil)
	if err != nil {
		t.Fatal(err)
	}
	c := l.jobs()[0][0]
	q, err := l.comparison(t.Context(), c, c.measures[0], file)
	if err != nil {
		t.Fatal(err)
	}
	q.Generator = g
	return newDrawing(q, drawingFolder(folder, whole), nil)
}
