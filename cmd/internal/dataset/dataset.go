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
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"spdiff"
	"spdiff/cmd/internal/packed"
)

// A Set is the images that an argument names. It is a spdiff.Source.
type Set struct {
	spdiff.Source
	ctx        context.Context
	kind, path string
	options    options
}

// Open opens the images that the argument of -data names. The context is that of all reading, then and later: when it is done, Image
// returns its cause.
func Open(ctx context.Context, arg string) (spdiff.Source, error) { return OpenFlag(ctx, "-data", arg) }

// OpenFlag is Open for the argument of another flag, which its errors name.
func OpenFlag(ctx context.Context, flag, arg string) (spdiff.Source, error) {
	s, err := open(ctx, flag, arg)
	if err != nil {
		return nil, packed.Clean(err)
	}
	return s, nil
}

func open(ctx context.Context, flag, arg string) (*Set, error) {
	a := parse(arg)
	if a.kind == "" {
		kind, err := recognise(ctx, a.path)
		if err != nil {
			return nil, fmt.Errorf("%s %.300q: %w", flag, a.path, err)
		}
		a.kind = kind
	}
	f, ok := lookup(a.kind)
	if !ok {
		return nil, fmt.Errorf("%s %.300q: there is no kind %.60q; %s", flag, arg, a.kind, listed)
	}
	if takesNoPath(f.Kind) != (a.path == "") {
		return nil, fmt.Errorf("%s %.300q: write %s", flag, arg, f.Arg)
	}
	o, err := f.options(a.options)
	if err != nil {
		return nil, fmt.Errorf("%s %.300q: %w", flag, arg, err)
	}
	s, err := f.open(ctx, a.path, o)
	if err != nil {
		return nil, fmt.Errorf("%s: %w%s", flag, err, remedy(flag, arg, err))
	}
	return &Set{s, ctx, a.kind, a.path, o}, nil
}

// Image is that of the source; that of a broken file is a *FileError, see [Without].
func (s *Set) Image(dst []float32, i int) (class int, err error) {
	class, err = s.Source.Image(dst, i)
	if err != nil && s.ctx.Err() != nil {
		return 0, context.Cause(s.ctx)
	}
	return class, packed.Clean(err)
}

// String says what the images are.
func (s *Set) String() string { return fmt.Sprint(s.Source) }

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

// Absolute returns an argument that means the same from every folder. All but the path stays as it is.
func Absolute(arg string) (string, error) {
	a, at := parse(arg), 0
	if a.path == "" {
		return arg, nil
	}
	if a.kind != "" {
		at = len(a.kind) + len(":")
	}
	abs, err := filepath.Abs(a.path)
	return arg[:at] + abs + arg[at+len(a.path):], err
}

// Path returns the path of what an argument names; "" where that is generated.
func Path(arg string) string { return parse(arg).path }

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
		if strings.ContainsRune(`/\:*?"<>|. `, r) || !strconv.IsPrint(r) {
			return -1
		}
		return r
	}, name)
	if name == "" {
		return "images"
	}
	return name
}
