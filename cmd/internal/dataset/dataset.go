// Package dataset opens the images that a command's -data flag names.
package dataset

import (
	"fmt"
	"strings"

	"spdiff"
	"spdiff/cmd/internal/digits"
	"spdiff/cmd/internal/idx"
)

// generated is the number of generated digits, that of MNIST's training set.
const generated = 60_000

// Open opens the images that spec names: "digits" for generated ones, "mnist:FOLDER" for IDX files. The error for any other
// spec lists what there is.
func Open(spec string) (spdiff.Source, error) {
	kind, folder, named := strings.Cut(spec, ":")
	switch {
	case kind == "digits" && !named:
		return digits.New(0, generated), nil
	case kind == "mnist" && folder != "":
		return idx.Open(folder)
	}
	return nil, fmt.Errorf("-data %q names no images; there are digits (generated) and mnist:FOLDER (IDX files, gzipped or not)", spec)
}
