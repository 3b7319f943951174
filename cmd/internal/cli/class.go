package cli

import (
	"fmt"
	"slices"
	"strconv"

	"spdiff"
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

// MissingClass returns an error that says what to give, where the model has classes and an image is of none, class −1. By flag one
// gives a class, and by none no class on purpose, guidance −1, which needs a network that was trained without classes too.
func MissingClass(m *spdiff.Model, class int, guidance float64, flag, none string) error {
	n := m.Classes()
	if n == 0 || class >= 0 || guidance == -1 {
		return nil
	}
	otherwise := ""
	if m.Config().Network.NoClass {
		otherwise = fmt.Sprintf(", or give %s for no class", none)
	}
	return fmt.Errorf("the model has %d classes; say by %s which one the image has%s", n, flag, otherwise)
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
