package imagefolder

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"unicode/utf8"

	"spdiff/cmd/internal/packed"
	"spdiff/cmd/internal/picture"
	"spdiff/tensor"
)

// A Choice says which images are read, and how their numbers.
type Choice struct {
	Without []string      // the names of those that are left out
	Range   picture.Range // the numbers that are black and white
}

// A List is the images of a folder or an archive, in lexical order folder by folder.
type List struct {
	FS         fs.FS
	Names      []string
	Headers    []picture.Header
	Stamps     []packed.Stamp
	Class      []int    // of each image; nil if there are no classes
	Classes    int      // how many there are: one more than the greatest
	ClassNames []string // by their numbers, "" for those that have none; nil if classes have no names
	Grey       bool     // all images are
	choice     Choice
	notes      []string
	room       *room
}

// A FileError says what is wrong with a file.
type FileError struct {
	Name string // within the data
	Err  error
}

// Error names the file, quoted, and gives the reason.
func (e *FileError) Error() string { return fmt.Sprintf("%q: %v", e.Name, e.Err) }

// Unwrap returns the reason.
func (e *FileError) Unwrap() error { return e.Err }

// wrong returns the error of a file. A reason that names it too, as those of package os, is stripped of its name.
func wrong(name string, err error) error {
	if err == nil {
		return nil
	}
	return &FileError{name, reason(err)}
}

// reason is an error without the name of a file, which those of package os have.
func reason(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// Read lists the images of files, in all folders, and reads their headers and classes: those of dataset.json, else the
// folders that they are in. Its error names the file that is wrong.
func Read(ctx context.Context, files fs.FS, c Choice) (*List, error) {
	l := &List{FS: files, choice: c, room: newRoom(memory)}
	if err := l.walk(ctx); err != nil {
		return nil, err
	}
	if err := l.readClasses(ctx); err != nil {
		return nil, err
	}
	if err := l.leaveOut(c.Without); err != nil {
		return nil, err
	}
	if err := l.readHeaders(ctx); err != nil {
		return nil, err
	}
	return l, l.checkRange()
}

// leaveOut takes images away. The classes of the others stay.
func (l *List) leaveOut(without []string) error {
	without = slices.Compact(slices.Sorted(slices.Values(without)))
	for _, name := range without {
		i := slices.Index(l.Names, name)
		if i < 0 {
			return fmt.Errorf("there is no image %.200q to leave out by ?without=", name)
		}
		l.Names = slices.Delete(l.Names, i, i+1)
		if l.Class != nil {
			l.Class = slices.Delete(l.Class, i, i+1)
		}
	}
	if len(l.Names) == 0 {
		return errors.New("?without= leaves no image")
	}
	if len(without) > 0 {
		l.note("left out, as ?without= says: %s", some(without))
	}
	return nil
}

// readHeaders reads the headers of all images.
func (l *List) readHeaders(ctx context.Context) error {
	n := len(l.Names)
	l.Headers, l.Stamps, l.Grey = make([]picture.Header, n), make([]packed.Stamp, n), true
	errs := make([]error, n)
	tensor.Run(tensor.Task{N: n, Do: func(i, _ int) { l.Headers[i], l.Stamps[i], errs[i] = l.header(ctx, l.Names[i]) }})
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	var all FilesError
	for i, err := range errs {
		if err != nil {
			all = append(all, &FileError{l.Names[i], reason(err)})
		}
		l.Grey = l.Grey && l.Headers[i].Grey
	}
	switch len(all) {
	case 0:
		return nil
	case 1:
		return all[0]
	}
	return all
}

// A FilesError says what is wrong with several files.
type FilesError []*FileError

// Error gives the reason of the first, says how many they are and names the first few.
func (e FilesError) Error() string {
	return fmt.Sprintf("%v; %d files in all cannot be read: %s", e[0], len(e), some(e.Names()))
}

// Unwrap returns the first.
func (e FilesError) Unwrap() error { return e[0] }

// Names returns the names of the files.
func (e FilesError) Names() (names []string) {
	for _, f := range e {
		names = append(names, f.Name)
	}
	return names
}

// header reads a header, for which it may keep the whole file: one of an archive is read in order, and DICOM whole.
func (l *List) header(ctx context.Context, name string) (h picture.Header, s packed.Stamp, err error) {
	f, size, err := open(l.FS, name)
	if err != nil {
		return h, s, err
	}
	defer f.Close()
	need := min(size, picture.MaxFile) // of a larger one no header is read
	l.room.take(need)
	defer l.room.give(need)
	at := picture.At(f)
	s = packed.BeginningOf(name, at, size)
	if h, err = picture.ReadHeader(ctx, at, size); err == nil && h.Unshown != nil && l.choice.Range.IsZero() {
		err = fmt.Errorf("%w; ?range=LOW,HIGH, of values as they are stored, takes the window's place", h.Unshown)
	}
	return h, s, err
}

// open opens a file and returns its size. What is no regular file is not opened.
func open(files fs.FS, name string) (fs.File, int64, error) {
	if !utf8.ValidString(name) {
		return nil, 0, errName
	}
	info, err := fs.Stat(files, name)
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("not a regular file")
	}
	if err != nil {
		return nil, 0, err
	}
	f, err := files.Open(name)
	return f, info.Size(), err
}

// Decode reads image i into one channel or three. Its pixels are those that the header promised.
func (l *List) Decode(ctx context.Context, i, channels int) (*picture.Image, error) {
	h := l.Headers[i]
	need := int64(h.H) * int64(h.W) * picture.BytesAPixel
	l.room.take(need)
	defer l.room.give(need)
	m, err := l.decode(ctx, i, channels)
	if err == nil && (m.H != h.H || m.W != h.W) {
		err = fmt.Errorf("it has changed to %s", picture.Size(m.H, m.W))
	}
	var outside *picture.OutsideError
	if errors.As(err, &outside) {
		err = fmt.Errorf("%w as ?range= says", err)
	}
	if err != nil && ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return m, wrong(l.Names[i], err)
}

func (l *List) decode(ctx context.Context, i, channels int) (*picture.Image, error) {
	f, size, err := open(l.FS, l.Names[i])
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return picture.Decode(ctx, asIs{f}, size, channels, l.choice.Range)
}

// asIs reads a file in order from any place that comes next: Decode reads it once.
type asIs struct{ f fs.File }

func (a asIs) ReadAt(p []byte, at int64) (int, error) {
	if r, ok := a.f.(io.ReaderAt); ok {
		return r.ReadAt(p, at)
	}
	return a.f.Read(p)
}

// some quotes names, the first few of many.
func some(names []string) string {
	const most = 4
	var b strings.Builder
	for i, name := range names[:min(len(names), most)] {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(short(name))
	}
	if len(names) > most {
		fmt.Fprintf(&b, " and %d more", len(names)-most)
	}
	return b.String()
}

// short quotes a name, of a long one the end, which tells it from others.
func short(name string) string {
	const most = 80
	if r := []rune(name); len(r) > most {
		return fmt.Sprintf("%q", "…"+string(r[len(r)-most:]))
	}
	return fmt.Sprintf("%q", name)
}

// FileStamps returns the stamps of all files, in their order.
func (l *List) FileStamps() []packed.Stamp { return l.Stamps }

// NamesOfClasses returns ClassNames.
func (l *List) NamesOfClasses() []string { return l.ClassNames }

// Labels returns the class of each file, nil if there are none.
func (l *List) Labels() []int { return l.Class }
