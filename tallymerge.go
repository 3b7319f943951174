package spdiff

import (
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
	"slices"

	"spdiff/tensor/metrics"
)

// MergeTallies joins the tallies of parts of one comparison. With all parts, the result has the bits of one run over the
// whole, whatever their order. A part of another comparison, one that comes twice, or a nil one is an error that says so.
func MergeTallies(parts ...*Tally) (*Tally, error) {
	if len(parts) == 0 {
		return nil, incomparable("there are no parts")
	}
	if i := slices.Index(parts, nil); i >= 0 {
		return nil, incomparable("part number %d of those that are given is nil; leave it out", i)
	}
	t := &Tally{about: parts[0].about, statistics: parts[0].statistics, pieces: map[int]*tallyPiece{}}
	for _, p := range parts {
		if p.about != t.about {
			return nil, incomparable("parts of different comparisons: %s", difference(t.about, p.about))
		}
		if !reflect.DeepEqual(p.statistics, t.statistics) {
			return nil, incomparable("parts with references of different statistics")
		}
		t.tells = t.tells || p.tells
		for k, piece := range p.pieces {
			if t.pieces[k] != nil {
				return nil, incomparable("part %d of %d comes twice", k, t.about.Of)
			}
			t.pieces[k] = piece
		}
	}
	for k := range t.about.Seeds {
		t.runs = append(t.runs, mergedCounts(parts, k))
	}
	return t, t.mergeMoments(parts)
}

// mergedCounts returns the run of seed k with the counts added, its moments to be merged.
func mergedCounts(parts []*Tally, k int) tallyRun {
	r := parts[0].about.run()
	for _, p := range parts {
		for i, n := range p.runs[k].classes {
			r.classes[i] += n
		}
		for i, n := range p.runs[k].orientations {
			r.orientations[i] += n
		}
	}
	return r
}

// mergeMoments sets each of t's moments to those of the parts together.
func (t *Tally) mergeMoments(parts []*Tally) error {
	of := map[string][]*metrics.Moments{}
	for _, p := range parts {
		p.each(func(name string, _ feature, m **metrics.Moments) error {
			of[name] = append(of[name], *m)
			return nil
		})
	}
	return t.each(func(name string, _ feature, m **metrics.Moments) (err error) {
		*m, err = metrics.Merge(of[name]...)
		return err
	})
}

// difference names the first setting in which two comparisons differ.
func difference(a, b tallyAbout) string {
	x, y := reflect.ValueOf(a), reflect.ValueOf(b)
	for i := range x.NumField() {
		if !x.Field(i).Equal(y.Field(i)) {
			return x.Type().Field(i).Name + " is " + fmt.Sprint(x.Field(i)) + " in one and " + fmt.Sprint(y.Field(i)) + " in another"
		}
	}
	return "none"
}

// narrowBytes, wideBytes and their inverses are between numbers and their bytes, all bits of them.
func narrowBytes(x []float32) []byte {
	b := make([]byte, 0, 4*len(x))
	for _, v := range x {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return b
}

func narrowNumbers(b []byte) []float32 {
	x := make([]float32, len(b)/4)
	for i := range x {
		x[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return x
}

func wideBytes(x []float64) []byte {
	b := make([]byte, 0, 8*len(x))
	for _, v := range x {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
	}
	return b
}

func wideNumbers(b []byte) []float64 {
	x := make([]float64, len(b)/8)
	for i := range x {
		x[i] = math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:]))
	}
	return x
}
