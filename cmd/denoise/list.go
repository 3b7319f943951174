package main

import (
	"archive/zip"
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"spdiff/cmd/internal/dicom"
	"spdiff/cmd/internal/imagefolder"
	"spdiff/cmd/internal/packed"
	"spdiff/cmd/internal/picture"
)

// A task is an image of many: a file, or a page of a TIFF of several.
type task struct {
	name string // for people
	path string // of the file; "" within an archive
	page int    // of a TIFF, all of whose pages are tasks; −1: the file has one, or all are done together
	out  string // the result's name within the folder
	open func() (*opened, error)
	peek func(start []byte) int // reads the file's first bytes, where open would unpack all of it; nil: open does not
	sum  func() (string, error) // of the file, for all its pages; nil: it has one
}

// list returns the images of a folder, an archive or a file, by name, and how many files are of other kinds. What may be an image and
// cannot be looked at is among them, and fails. Of a folder the results' folder, should it be within, is left out, and so is what is
// hidden; links are followed within the folder alone.
func list(ctx context.Context, in, out string) (tasks []task, skipped int, err error) {
	var files []task
	info, err := os.Stat(in)
	switch {
	case err != nil:
		return nil, 0, packed.Clean(err)
	case info.IsDir():
		files, skipped, err = inFolder(ctx, in, out)
	case strings.EqualFold(filepath.Ext(in), ".zip"):
		files, skipped, err = inZip(ctx, in)
	default:
		files = []task{alone(in)}
	}
	if err != nil {
		return nil, 0, err
	}
	if tasks, err = allPaged(ctx, files); err != nil {
		return nil, 0, err
	}
	if len(tasks) == 0 {
		return nil, 0, fmt.Errorf("%w; there may be %s, or DICOM without an extension", errNone, strings.Join(picture.Extensions(), ", "))
	}
	slices.SortFunc(tasks, byName)
	return tasks, skipped, nil
}

// alone returns the task of a file that is named itself, which may be DICOM whose name does not say so.
func alone(path string) task {
	name := filepath.Base(path)
	return task{name: name, path: path, out: resultName(name, extension(path)), open: func() (*opened, error) { return fileAt(path) }}
}

func inFolder(ctx context.Context, folder, out string) (tasks []task, skipped int, err error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, 0, packed.Clean(err)
	}
	defer root.Close()
	results, _ := os.Stat(out)
	names, skipped, err := imagefolder.Files(ctx, root.FS(), func(f fs.FileInfo) bool { return results != nil && os.SameFile(f, results) })
	for _, name := range names {
		path := filepath.Join(folder, filepath.FromSlash(name))
		tasks = append(tasks, task{name: name, path: path, open: func() (*opened, error) { return fileAt(path) }})
	}
	return tasks, skipped, packed.Clean(err)
}

func inZip(ctx context.Context, path string) (tasks []task, skipped int, err error) {
	z, err := packed.OpenZip(path)
	if err != nil {
		return nil, 0, err
	}
	for _, f := range z.File {
		if ctx.Err() != nil {
			return nil, 0, context.Cause(ctx)
		}
		if f.Mode().IsDir() {
			continue
		}
		if !wanted(z, f) {
			skipped++
			continue
		}
		tasks = append(tasks, task{name: f.Name, open: func() (*opened, error) { return unzipped(f) }, peek: func(start []byte) int { return begin(f, start) }})
	}
	return tasks, skipped, nil
}

// wanted reports whether a file of an archive is an image, or may be one and cannot be looked at, which its task says.
func wanted(z *zip.Reader, f *zip.File) bool {
	if !f.Mode().IsRegular() {
		return false
	}
	is, err := imagefolder.Is(z, f.Name)
	return is || err != nil
}

// unzipped unpacks a file of an archive, which has checked what it claims.
func unzipped(f *zip.File) (*opened, error) {
	const most = 1 << 30
	if f.UncompressedSize64 > most {
		return nil, fmt.Errorf("a file of %d bytes; at most %d are read", f.UncompressedSize64, most)
	}
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, int64(f.UncompressedSize64)+1))
	if err != nil {
		return nil, err
	}
	return &opened{bytes.NewReader(b), io.NopCloser(nil), int64(len(b))}, nil
}

// begin reads the first bytes of a file of an archive, and returns how many it could.
func begin(f *zip.File, start []byte) int {
	r, err := f.Open()
	if err != nil {
		return 0
	}
	defer r.Close()
	n, _ := io.ReadFull(r, start)
	return n
}

// allPaged returns the tasks of files, each of which is opened.
func allPaged(ctx context.Context, files []task) (tasks []task, err error) {
	for _, f := range files {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		tasks = append(tasks, f.paged(ctx)...)
	}
	return tasks, nil
}

// paged returns the tasks of a file: of a TIFF of several pages one each, else itself.
func (t task) paged(ctx context.Context) []task {
	t.page, t.out = -1, cmp.Or(t.out, resultName(t.name, behind(t.name)))
	pages := 1
	if t.isTIFF() {
		pages = t.count(ctx)
	}
	if pages == 1 {
		return []task{t}
	}
	t.sum = sync.OnceValues(t.hash)
	all := make([]task, pages)
	for i := range all {
		all[i] = t
		all[i].page = i
		all[i].name = fmt.Sprintf("%s, page %d", t.name, i+1)
		all[i].out = beside(t.out, fmt.Sprintf("-%05d", i+1), filepath.Ext(t.out))
	}
	return all
}

// isTIFF reports whether a task's file begins as one, whatever its name. What is DICOM too, as scanners of slides write, is none.
func (t task) isTIFF() bool {
	start := t.start()
	return picture.IsTIFF(start) && !dicom.Is(start)
}

// start returns the first bytes of a task's file; none where it cannot be read, which its task will say.
func (t task) start() []byte {
	if t.peek != nil {
		start := make([]byte, dicom.Start)
		return start[:t.peek(start)]
	}
	f, err := t.open()
	if err != nil {
		return nil
	}
	defer f.Close()
	return startOf(f)
}

// hash returns the SHA-256 of a task's file.
func (t task) hash() (string, error) {
	f, err := t.open()
	if err != nil {
		return "", err
	}
	defer f.Close()
	return f.hash()
}

// count returns the pages of a TIFF; 1 where it cannot be read, which its task will say.
func (t task) count(ctx context.Context) int {
	f, err := t.open()
	if err != nil {
		return 1
	}
	defer f.Close()
	h, err := picture.ReadHeader(ctx, f, f.size)
	if err != nil {
		return 1
	}
	return 1 + h.More
}

// behind is the extension that is added to the name of an image of a folder or an archive. Images without a known one are DICOM.
func behind(name string) string {
	if imagefolder.IsImage(name) {
		return ".png"
	}
	return dicomEnd
}

// resultName is that of an image, with an extension behind it where its format is not written.
func resultName(name, extension string) string {
	if format(name) != "" {
		return name
	}
	return name + extension
}
