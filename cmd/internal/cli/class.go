package cli

import (
	"fmt"
	"slices"
	"strconv"
)

// Class returns the number of the class that -class names, of n, whose names in training may be known: a name, or a number from 0;
// -1 if it names none, which "" and -1 do.
func Class(text string, names []string, n int) (int, error) {
	if text == "" {
		return -1, nil
	}
	if k := slices.Index(names, text); k >= 0 {
		return k, nil
	}
	k, err := strconv.Atoi(text)
	if err != nil || k < -1 || k >= max(n, 1) {
		return 0, Usagef("-class %q: %s", text, classes(names, n))
	}
	return k, nil
}

// classes says which classes a model has.
func classes(names []string, n int) string {
	switch {
	case n == 0:
		return "the model was trained without classes"
	case len(names) == 0:
		return fmt.Sprintf("the model has %d classes, numbered from 0", n)
	default:
		return fmt.Sprintf("the model has %d classes, numbered from 0: %.300q", n, names)
	}
}
