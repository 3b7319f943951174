package dataset

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"spdiff"
	"spdiff/cmd/internal/cli"
	"spdiff/cmd/internal/imagefolder"
	"spdiff/cmd/internal/packed"
)

// A FileError says which file of the data is broken: [Without] leaves it out.
type FileError = imagefolder.FileError

// Without returns an argument that names the same images but those of the files so named, as a [FileError] names them.
func Without(arg string, names ...string) string {
	for _, name := range names {
		join := "?"
		if parse(arg).options != "" {
			join = "&"
		}
		arg += join + "without=" + url.QueryEscape(name)
	}
	return arg
}

// Resized returns an argument that names the same images, made of another size; "" where they cannot be.
func Resized(source spdiff.Source, arg string, h, w int) string {
	s, ok := source.(*Set)
	if !ok {
		return ""
	}
	if f, _ := lookup(s.kind); !slices.Contains(f.allowed, "size") || f.Kind == "lysto" && h != w {
		return ""
	}
	size := fmt.Sprintf("%dx%d", h, w)
	if h == w {
		size = fmt.Sprint(h)
	}
	return sized(arg, size)
}

// sized returns an argument with another size; its other options stay.
func sized(arg, size string) string {
	all := parse(arg).options
	base := strings.TrimSuffix(strings.TrimSuffix(arg, all), "?")
	others := slices.DeleteFunc(strings.Split(all, "&"), func(o string) bool { return o == "" || strings.HasPrefix(o, "size=") })
	return base + "?" + strings.Join(append([]string{"size=" + size}, others...), "&")
}

// mostLeftOut is the most files that remedy names to be left out.
const mostLeftOut = 10

// remedy says how to leave a broken file out, or how to make images one size, where that helps: on lines of its own, which are to be
// copied.
func remedy(flag, arg string, err error) string {
	var sizes *imagefolder.SizesError
	if errors.As(err, &sizes) {
		return oneSize(flag, arg, sizes)
	}
	var e *FileError
	if f, ok := lookup(parse(arg).kind); !errors.As(err, &e) || !leavable(parse(arg).path, e.Name) || ok && f.Kind == "npy" {
		return ""
	}
	var all imagefolder.FilesError
	if errors.As(err, &all) && len(all) > mostLeftOut {
		return "; train -check lists them all; move them to where no images are read, or convert them"
	} else if errors.As(err, &all) {
		return way(flag, Without(arg, all.Names()...), "leaves them out")
	}
	return way(flag, Without(arg, e.Name), "leaves it out")
}

// oneSize says how images of different sizes become one: their options stay.
func oneSize(flag, arg string, e *imagefolder.SizesError) string {
	bare := strings.TrimPrefix(arg, "images:")
	return way(flag, sized("images:"+bare, "64"), "takes the middle of each and scales it") +
		way(flag, sized("crops:"+bare, fmt.Sprint(e.Fits)), "cuts squares out of them")
}

// way is a line of its own with a flag and its argument, to be copied, and what that does.
func way(flag, arg, does string) string {
	return fmt.Sprintf("\n%s%s %s %s", cli.Whole, flag, cli.Quoted(arg), does)
}

// leavable reports whether ?without= leaves out what is wrong at a path: anything named as a picture, or a regular file named as those of
// scanners; but no folder of such a name, and no link that leads out.
func leavable(at, name string) bool {
	if imagefolder.IsImage(name) || !imagefolder.MayBe(name) {
		return imagefolder.IsImage(name)
	}
	files, err := openFiles(at)
	if err != nil {
		return false
	}
	info, err := fs.Stat(files, name)
	return err == nil && info.Mode().IsRegular()
}

// Notes says, a line each, what is left out of the images of Open, and what was inferred.
func Notes(source spdiff.Source) []string {
	s, ok := source.(*Set)
	if !ok {
		return nil
	}
	switch n := s.Source.(type) {
	case interface {
		Notes(context.Context) []string
	}:
		return n.Notes(s.ctx)
	case interface{ Notes() []string }:
		return n.Notes()
	}
	return nil
}

// ClassNames returns the names of the classes, by their numbers: "" for those that have none, nil if classes have no names.
func ClassNames(source spdiff.Source) []string {
	switch l := inner(source).(type) {
	case interface{ NamesOfClasses() []string }:
		return l.NamesOfClasses()
	}
	return nil
}

func inner(source spdiff.Source) spdiff.Source {
	if s, ok := source.(*Set); ok {
		return s.Source
	}
	return source
}

// Inside reports whether a path is within the folder that the images are read from: what is written there may become data of
// the next opening. A folder of a run is left out of data as soon as it has its run.json.
func Inside(source spdiff.Source, path string) bool {
	s, ok := source.(*Set)
	if !ok || !isFolder(s.path) {
		return false
	}
	if _, ok := s.Source.(files); !ok {
		return false
	}
	rel, err := filepath.Rel(real(s.path), real(path))
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// real returns a path without links, as far as it exists.
func real(path string) string {
	path, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	for rest := ""; ; {
		if p, err := filepath.EvalSymlinks(path); err == nil || !errors.Is(err, os.ErrNotExist) {
			return filepath.Join(p, rest)
		}
		rest, path = filepath.Join(filepath.Base(path), rest), filepath.Dir(path)
	}
}

// Mixed returns an error if images are partly grey and partly coloured, and nobody has said which all are to be.
func (s *Set) Mixed() error {
	if m, ok := s.Source.(interface{ Mixed() error }); ok {
		return packed.Clean(m.Mixed())
	}
	return nil
}
