package imagefolder

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"spdiff/cmd/internal/pixels"
	"spdiff/tensor"
)

// A List is the images of a folder or an archive, in lexical order folder by folder.
type List struct {
	FS      fs.FS
	Names   []string
	Headers []pixels.Header
	Class   []int // of each image; nil if there are no classes
	Classes int   // how many there are: one more than the greatest
	Grey    bool  // all images are
}

// extensions are those of the files that are images.
var extensions = []string{".png", ".jpg", ".jpeg"}

// IsImage reports whether a file of that path is taken for an image. Hidden files are not.
func IsImage(name string) bool {
	for part := range strings.SplitSeq(name, "/") {
		if strings.HasPrefix(part, ".") || part == "__MACOSX" {
			return false
		}
	}
	return slices.Contains(extensions, strings.ToLower(path.Ext(name)))
}

// Has reports whether a folder has images, or a dataset.json.
func Has(files fs.FS) bool {
	found := false
	fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && (name == labelsFile || IsImage(name)) {
			found = true
			return fs.SkipAll
		}
		return nil
	})
	return found
}

// Read lists the images of files, in all folders, and reads their headers and classes: those of dataset.json, else the
// folders that they are in. Its error names the file that is wrong.
func Read(files fs.FS) (*List, error) {
	l := &List{FS: files}
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !d.IsDir() && IsImage(name) {
			l.Names = append(l.Names, name)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(l.Names) == 0 {
		return nil, fmt.Errorf("there are no images; they are files named %s", strings.Join(extensions, ", "))
	}
	if err := l.readHeaders(); err != nil {
		return nil, err
	}
	return l, l.readClasses()
}

// readHeaders reads the headers of all images.
func (l *List) readHeaders() error {
	l.Headers, l.Grey = make([]pixels.Header, len(l.Names)), true
	errs := make([]error, len(l.Names))
	tensor.Run(tensor.Task{N: len(l.Names), Do: func(i, _ int) { l.Headers[i], errs[i] = l.header(l.Names[i]) }})
	for i, err := range errs {
		if err != nil {
			return fmt.Errorf("%s: %w", l.Names[i], err)
		}
		l.Grey = l.Grey && l.Headers[i].Grey
	}
	return nil
}

func (l *List) header(name string) (h pixels.Header, err error) {
	f, size, err := open(l.FS, name)
	if err != nil {
		return h, err
	}
	defer f.Close()
	return pixels.ReadHeader(f, size)
}

// open opens a file and returns its size.
func open(files fs.FS, name string) (fs.File, int64, error) {
	f, err := files.Open(name)
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("not a regular file")
	}
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, info.Size(), nil
}

// Decode reads image i into one channel or three. Its pixels are those that the header promised.
func (l *List) Decode(i, channels int) (*pixels.Image, error) {
	f, size, err := open(l.FS, l.Names[i])
	if err != nil {
		return nil, err
	}
	defer f.Close()
	m, err := pixels.Decode(f, size, channels)
	if err == nil && (m.H != l.Headers[i].H || m.W != l.Headers[i].W) {
		err = fmt.Errorf("it has changed to %d×%d pixels", m.W, m.H)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", l.Names[i], err)
	}
	return m, nil
}

// readClasses sets Class and Classes. The folders that all images are in, as an archive of one folder has, do not count.
func (l *List) readClasses() (err error) {
	top, names := split(l.Names)
	l.Class, err = readLabels(l.FS, "", l.Names)
	if l.Class == nil && err == nil && top != "" {
		l.Class, err = readLabels(l.FS, top, names)
	}
	if err != nil {
		return err
	}
	if l.Class == nil {
		l.Class = folders(names)
	}
	if l.Class != nil {
		l.Classes = slices.Max(l.Class) + 1
	}
	return nil
}

// split returns the folders that all names begin with, each with its slash, and what follows them.
func split(names []string) (top string, rest []string) {
	top = names[0]
	for _, name := range names {
		for !strings.HasPrefix(name, top) || !strings.HasSuffix(top, "/") && top != "" {
			top = top[:strings.LastIndexByte(strings.TrimSuffix(top, "/"), '/')+1]
		}
	}
	for _, name := range names {
		rest = append(rest, name[len(top):])
	}
	return top, rest
}

// folders returns the classes that the outermost folders tell: their numbers, if all are named by numbers, else their places
// in lexical order, which the names are in. It returns nil if an image is in no folder, or all are in one.
func folders(names []string) []int {
	place := map[string]int{}
	var all []string
	for _, name := range names {
		folder, _, inside := strings.Cut(name, "/")
		if !inside {
			return nil
		}
		if _, known := place[folder]; !known {
			place[folder] = len(all)
			all = append(all, folder)
		}
	}
	if len(all) < 2 {
		return nil
	}
	if !slices.ContainsFunc(all, func(s string) bool { _, err := classNumber(s); return err != nil }) {
		for _, folder := range all {
			place[folder], _ = classNumber(folder)
		}
	}
	class := make([]int, len(names))
	for i, name := range names {
		folder, _, _ := strings.Cut(name, "/")
		class[i] = place[folder]
	}
	return class
}

// maxClass is the greatest class.
const maxClass = 1<<20 - 1

// classNumber returns the class that a word of digits is.
func classNumber(s string) (int, error) {
	n, err := strconv.ParseUint(s, 10, 20)
	return int(n), err
}
