package arrays

import (
	"fmt"
	"math"
	"strings"

	"spdiff/tensor/npy"
)

// imagesNames and labelsNames are usual names, the first that is there first.
var (
	imagesNames = []string{"images", "train_images", "x_train", "X_train", "train_x", "x", "X", "arr_0"}
	labelsNames = []string{"labels", "train_labels", "y_train", "Y_train", "train_y", "y", "Y", "arr_1"}
)

// matching returns how the labels of images of that name may be named.
func matching(images string) (names []string) {
	for _, pair := range [][2]string{{"images", "labels"}, {"image", "label"}, {"x", "y"}, {"X", "y"}, {"X", "Y"}} {
		if strings.Contains(images, pair[0]) {
			names = append(names, strings.Replace(images, pair[0], pair[1], 1))
		}
	}
	return names
}

func isImages(a *npy.Array) bool { return len(a.Shape()) == 3 || len(a.Shape()) == 4 }

// isLabels reports whether an array has a shape of labels: N, or N×1 for as many as there are images.
func (s *Set) isLabels(a *npy.Array) bool {
	d := a.Shape()
	return len(d) == 1 || len(d) == 2 && d[1] == 1 && d[0] == s.Len()
}

// choose returns the array of a role: the one that is said, the first usual name, the only one that fits; nil if
// there is none.
func choose(f *npy.File, role, said string, usual []string, fits func(*npy.Array) bool) (string, *npy.Array, error) {
	if said != "" {
		if f.Array(said) == nil {
			return "", nil, fmt.Errorf("there is no array %.60q for the %s; there are %s", said, role, contents(f))
		}
		return said, f.Array(said), nil
	}
	if f.Array(role) != nil {
		return role, f.Array(role), nil
	}
	for _, name := range usual {
		if a := f.Array(name); a != nil && fits(a) {
			return name, a, nil
		}
	}
	var found []string
	for _, name := range f.Names() {
		if fits(f.Array(name)) {
			found = append(found, name)
		}
	}
	switch len(found) {
	case 0:
		return "", nil, nil
	case 1:
		return found[0], f.Array(found[0]), nil
	}
	return "", nil, fmt.Errorf("it is not clear which array is that of the %s; say ?%[1]s=NAME; there are %s", role, contents(f))
}

// contents names the arrays of a file and their shapes, the first of many.
func contents(f *npy.File) string {
	const most = 20
	var all []string
	names := f.Names()
	for _, n := range names[:min(len(names), most)] {
		all = append(all, strings.TrimSpace(fmt.Sprintf("%.60q %v", n, f.Array(n).Shape())))
	}
	switch {
	case all == nil:
		return "none"
	case len(names) > most:
		all = append(all, fmt.Sprintf("and %d more", len(names)-most))
	}
	return strings.Join(all, ", ")
}

// flattened says how to save images whose pixels are in one row, if there are such; "" else.
func flattened(f *npy.File) string {
	for _, n := range f.Names() {
		d := f.Array(n).Shape()
		if len(d) != 2 {
			continue
		}
		for _, channels := range []int{1, 3} {
			if side := int(math.Sqrt(float64(d[1] / channels))); side > 1 && side*side*channels == d[1] {
				return fmt.Sprintf("; save them as images, as by numpy.reshape(a, (-1, %d, %d, %d))", side, side, channels)
			}
		}
	}
	return ""
}

// noteArrays says what was taken of several arrays.
func (s *Set) noteArrays(f *npy.File, images, labels string) {
	var rest []string
	for _, n := range f.Names() {
		if n != images && n != labels {
			rest = append(rest, n)
		}
	}
	taken := "no labels"
	if labels != "" {
		taken = fmt.Sprintf("the labels %.60q", labels)
	}
	if len(rest) > 0 {
		s.notes = append(s.notes, fmt.Sprintf("the images are the array %.60q, with %s; left out: %d arrays", images, taken, len(rest)))
	}
}
