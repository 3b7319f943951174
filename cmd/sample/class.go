package main

import (
	"fmt"
	"slices"
	"strconv"

	"spdiff"
	"spdiff/cmd/internal/cli"
)

// findClass sets the class by what -class says: "" for each in turn, a number, or the name that a class had in training.
func (o *options) findClass(m drawer) error {
	if o.className == "" {
		o.class = -1
		return nil
	}
	var names []string
	if d, is := m.(*spdiff.Model); is {
		names = d.Config().ClassNames
	}
	if o.class = slices.Index(names, o.className); o.class >= 0 {
		return nil
	}
	k, err := strconv.Atoi(o.className)
	if err != nil || k < -1 || k >= max(m.Classes(), 1) {
		return cli.Usagef("-class %q: %s", o.className, classesOf(m, names))
	}
	o.class = k
	return nil
}

// classesOf says which classes a model has.
func classesOf(m drawer, names []string) string {
	switch n := m.Classes(); {
	case n == 0:
		return "the model was trained without classes"
	case len(names) == 0:
		return fmt.Sprintf("the model has %d classes, numbered from 0", n)
	default:
		return fmt.Sprintf("the model has %d classes, numbered from 0: %.300q", n, names)
	}
}
