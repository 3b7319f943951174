// Package dataset opens the images that a command's -data flag names.
//
// The argument is a path, with or without the kind of what is there before it and options after it:
//
//	digits
//	cells
//	[KIND:]PATH[?OPTION=VALUE&…]
//
// Without a kind, what is at the path is recognised by its contents. [Help] lists the kinds and their options.
package dataset

import (
	"fmt"
	"path/filepath"
	"strings"

	"spdiff"
)

// Open opens the images that an argument names. They are a fmt.Stringer that says what they are: see [Describe]. The error
// for what is not recognised lists what is.
func Open(arg string) (spdiff.Source, error) {
	a := parse(arg)
	if a.kind == "" {
		kind, err := recognise(a.path)
		if err != nil {
			return nil, err
		}
		a.kind = kind
	}
	f, ok := lookup(a.kind)
	if !ok {
		return nil, fmt.Errorf("-data %q: there is no kind %s; there are\n%s", arg, a.kind, list())
	}
	if takesNoPath(f.Kind) != (a.path == "") {
		return nil, fmt.Errorf("-data %q: write %s", arg, f.Arg)
	}
	o, err := f.options(a.options)
	if err != nil {
		return nil, fmt.Errorf("-data %q: %w", arg, err)
	}
	s, err := f.open(a.path, o)
	if err != nil {
		return nil, fmt.Errorf("-data: %w", err)
	}
	return s, nil
}

// An argument is its parts.
type argument struct {
	kind, path string
	options    string // after the question mark
}

// parse cuts an argument up. What is not a kind before a colon belongs to the path, as a drive's letter does, and so does a
// question mark in the name of what exists.
func parse(arg string) (a argument) {
	a.path = arg
	if kind, rest, ok := strings.Cut(arg, ":"); ok || takesNoPath(arg) {
		if _, known := lookup(kind); known {
			a.kind, a.path = kind, rest
		}
	}
	if at := strings.LastIndexByte(a.path, '?'); at >= 0 && !exists(a.path) {
		a.path, a.options = a.path[:at], a.path[at+1:]
	}
	if a.kind == "" && takesNoPath(a.path) {
		a.kind, a.path = a.path, ""
	}
	return a
}

// Describe says what a source is, as "IDX images, FOLDER".
func Describe(s spdiff.Source) string {
	if d, ok := s.(fmt.Stringer); ok {
		return d.String()
	}
	return fmt.Sprintf("%T", s)
}

// Name returns a short word for an argument, fit to name a file: the kind where it has one, else the last part of the path
// without its extension.
func Name(arg string) string {
	a := parse(arg)
	name := a.kind
	if name == "" {
		base := filepath.Base(filepath.Clean(a.path))
		name = strings.TrimSuffix(base, filepath.Ext(base))
	}
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|. `, r) || r < ' ' {
			return -1
		}
		return r
	}, name)
	if name == "" {
		return "images"
	}
	return name
}
