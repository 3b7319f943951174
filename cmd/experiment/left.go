package main

import (
	"path/filepath"
	"slices"
)

// A left is what is still to be done of a cell.
type left struct {
	trains   bool // it is to be trained, or its training to go on
	measures []measure
}

// left returns what is still to be done of a cell.
func (l *lab) left(c cell) left {
	folder := l.path(c.folder)
	all := slices.Clone(c.measures)
	if c.minutes {
		all = append(all, l.points(c)...)
	}
	return left{c.flags != nil && !has(filepath.Join(folder, trainedFile)),
		slices.DeleteFunc(all, func(m measure) bool { return has(recordPath(folder, m.name)) })}
}

// points returns those of the curve over minutes: before the training, as many as most trainings have.
func (l *lab) points(c cell) []measure {
	if !has(filepath.Join(l.path(networkOf(c)), trainedFile)) {
		return slices.Repeat([]measure{l.point(0)}, 6) // from a thirtieth on, each at twice the step, and the end
	}
	return l.onTheWay(c)
}

// onTheWay returns the points of the curve over minutes of a training that is done, if such a curve is wanted and its models are here.
func (l *lab) onTheWay(c cell) (all []measure) {
	if !c.minutes || !has(filepath.Join(l.path(networkOf(c)), trainedFile)) {
		return nil
	}
	some, _ := l.kept(c) // none, if it kept none
	for _, k := range some {
		if p := l.point(k.step); !slices.Contains(all, p) {
			all = append(all, p)
		}
	}
	return all
}

// remains reports whether something is still to be done of a job.
func (l *lab) remains(j job) bool {
	return slices.ContainsFunc(j, func(c cell) bool {
		left := l.left(c)
		return left.trains || len(left.measures) > 0
	})
}

// has reports whether a file is there, as far as one can see.
func has(path string) bool {
	is, err := done(path)
	return is && err == nil
}
