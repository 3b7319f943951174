package dataset

import (
	"fmt"

	"spdiff"
)

// labelled are sources that know the label of an image without reading it.
type labelled interface {
	Labelled() bool
	Label(i int) int
}

// mostLabels is how many labels are looked at.
const mostLabels = 1 << 20

// perClass returns how many of the first n images are of each class; nil if there are no labels, or it is not known. Of very many
// images, as of crops, it looks at the first million.
func perClass(source spdiff.Source, n int) []int {
	l, ok := inner(source).(labelled)
	if !ok || !l.Labelled() {
		return nil
	}
	var counts []int
	for i := range min(n, source.Len(), mostLabels) {
		k := l.Label(i)
		for len(counts) <= k {
			counts = append(counts, 0)
		}
		counts[k]++
	}
	return counts
}

// known reports whether perClass tells all of a source.
func known(source spdiff.Source) bool { _, ok := inner(source).(labelled); return ok }

// Unlabelled reports whether it is known that the images of a source have no labels.
func Unlabelled(source spdiff.Source) bool {
	l, ok := inner(source).(labelled)
	return ok && !l.Labelled()
}

// CheckClasses returns an error if a model of that many classes (0: of none) cannot learn the first n images (0: all), and
// notes what is easily overlooked, a line each.
func CheckClasses(source spdiff.Source, classes, n int) (notes []string, err error) {
	if n == 0 {
		n = source.Len()
	}
	if !known(source) {
		return nil, nil
	}
	all := perClass(source, source.Len())
	if classes > 0 && all == nil {
		return nil, fmt.Errorf("-classes %d: the images have no labels; leave -classes out, or put the images of each class into a folder of its own", classes)
	}
	if classes > 0 && len(all) > classes {
		return nil, fmt.Errorf("-classes %d: labels go up to %d; -classes %d fits", classes, len(all)-1, len(all))
	}
	switch {
	case classes > 0:
		notes = absent(all, classes)
	case len(all) > 1:
		note := fmt.Sprintf("the images are of %d classes, which the model is not told; if these are kinds of images, with -classes %[1]d its samples come nearer to them (docs/defaults.md)", len(all))
		if ClassNames(source) != nil {
			note += "; the model then holds the classes' names"
		}
		notes = append(notes, note)
	}
	return append(notes, limited(all, perClass(source, n), n)...), nil
}

// absent says what classes have no image.
func absent(counts []int, classes int) (notes []string) {
	none := 0
	for k := range classes {
		if k >= len(counts) || counts[k] == 0 {
			none++
		}
	}
	switch {
	case none == 0:
	case none == 1 && counts[0] == 0:
		notes = append(notes, fmt.Sprintf("labels begin at 1: no image is of class 0, which the model learns nothing of; the classes are 1 to %d", len(counts)-1))
	default:
		notes = append(notes, fmt.Sprintf("of the %d classes %d have no image", classes, none))
	}
	return notes
}

// limited says what classes a limit leaves out.
func limited(all, some []int, n int) []string {
	have := func(counts []int) (k int) {
		for _, c := range counts {
			if c > 0 {
				k++
			}
		}
		return k
	}
	if a, s := have(all), have(some); s < a {
		return []string{fmt.Sprintf("the first %d images, as -limit says, are of %d of the %d classes: the data are sorted, or a class is rare", n, s, a)}
	}
	return nil
}
