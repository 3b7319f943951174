package imagefolder

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"spdiff/cmd/internal/packed"
	"spdiff/cmd/internal/picture"
)

// runFile is in the folder of every run of train, which is no data.
const runFile = "run.json"

// How deep folders may be, and how many entries a set may have: links within it can make one of very many.
const (
	maxDepth   = 64
	maxEntries = 1 << 24
)

// errFound ends the walk of Has.
var errFound = errors.New("there is an image")

// Has reports whether a folder has an image, or a dataset.json, or what Read says is wrong. It is the walk of Read, up to there.
func Has(ctx context.Context, files fs.FS) bool {
	_, err := fs.Stat(files, labelsFile)
	w := &walker{ctx: ctx, files: files, skip: runsOf(files), others: map[string]int{}, one: true}
	return err == nil || w.all() != nil
}

// Files returns the names of the images of a folder, in lexical order folder by folder, and behind them those of files that cannot be
// looked at and may be images: who reads them learns why. It returns how many other files there are, too; folders that skip names are
// left out. It is the walk of Read: what is hidden is not looked at, and a link is followed within the folder and is a *FileError where
// it leads out.
func Files(ctx context.Context, files fs.FS, skip func(fs.FileInfo) bool) (names []string, others int, err error) {
	w := &walker{ctx: ctx, files: files, skip: func(_ string, f fs.FileInfo) bool { return skip(f) }, others: map[string]int{}}
	if err := w.all(); err != nil {
		return nil, 0, err
	}
	for _, n := range w.others {
		others += n
	}
	return append(w.names, w.unseen.Names()...), others + len(w.hidden), nil
}

// A walker goes through folders and keeps what it leaves out.
type walker struct {
	ctx                       context.Context
	files                     fs.FS
	without                   []string
	skip                      func(name string, folder fs.FileInfo) bool // then it is one of runs
	one                       bool                                       // the first image ends it, by errFound
	names                     []string
	others                    map[string]int // by extension
	unseen                    FilesError     // that cannot be looked at, and may be images
	hidden, runs, loops, none []string
	entries                   int
}

// runsOf returns what tells the folders of runs.
func runsOf(files fs.FS) func(name string, _ fs.FileInfo) bool {
	return func(name string, _ fs.FileInfo) bool {
		_, err := fs.Stat(files, path.Join(name, runFile))
		return err == nil
	}
}

// walk finds the images.
func (l *List) walk(ctx context.Context) error {
	w := &walker{ctx: ctx, files: l.FS, without: l.choice.Without, skip: runsOf(l.FS), others: map[string]int{}}
	if _, err := fs.Stat(l.FS, runFile); err == nil {
		return fmt.Errorf("it has a %s: it is the folder of a run, and no data; to go on with it is -resume", runFile)
	}
	if err := w.all(); err != nil {
		return err
	}
	if l.names(w); len(l.Names) == 0 {
		text := "nothing else"
		if len(w.others) > 0 {
			text = w.kinds()
		}
		if len(w.runs) > 0 {
			text += "; folders of runs of train are no data: " + some(w.runs)
		}
		if len(w.unseen) > 0 {
			text += "; " + w.notSeen()
		}
		return fmt.Errorf("there are no images; they are files named %s, or DICOM without an extension; there is %s", strings.Join(picture.Extensions(), ", "), text)
	}
	return nil
}

// names takes what was found, and notes what was not taken.
func (l *List) names(w *walker) {
	l.Names = w.names
	if len(w.runs) > 0 {
		l.note("left out, as folders of runs of train (they have a %s): %s", runFile, some(w.runs))
	}
	if len(w.others) > 0 {
		l.note("left out, as files of other kinds: %s", w.kinds())
	}
	if len(w.unseen) > 0 {
		l.note("%s; left out, though images may be among them", w.notSeen())
	}
	if len(w.hidden) > 0 {
		l.note("left out, as hidden: %s", some(w.hidden))
	}
	if len(w.loops) > 0 {
		l.note("not followed, as links to a folder that they are in: %s", some(w.loops))
	}
	if len(w.none) > 0 {
		l.note("folders without images, which are no classes: %s", some(w.none))
	}
}

// notSeen names what cannot be looked at, and says why.
func (w *walker) notSeen() string {
	return fmt.Sprintf("could not be looked at: %s (the first: %v)", some(w.unseen.Names()), w.unseen[0].Err)
}

// kinds says what other files there are.
func (w *walker) kinds() string {
	const most = 6
	kinds := slices.Collect(maps.Keys(w.others))
	slices.SortFunc(kinds, func(a, b string) int {
		if w.others[a] != w.others[b] {
			return w.others[b] - w.others[a]
		}
		return strings.Compare(a, b)
	})
	var all []string
	for _, k := range kinds[:min(len(kinds), most)] {
		kind := fmt.Sprintf("%.20q", k)
		if k == "" {
			kind = "without an extension"
		}
		all = append(all, fmt.Sprintf("%d %s", w.others[k], kind))
	}
	if len(kinds) > most {
		all = append(all, fmt.Sprintf("and %d kinds more", len(kinds)-most))
	}
	return strings.Join(all, ", ")
}

// all goes through all folders.
func (w *walker) all() error {
	root, err := fs.Stat(w.files, ".")
	if err != nil {
		return err
	}
	_, err = w.folder(".", []fs.FileInfo{root})
	return err
}

// folder goes through a folder, which is in those above, itself the last, and returns how many images it has.
func (w *walker) folder(at string, above []fs.FileInfo) (n int, err error) {
	if err := w.ctx.Err(); err != nil {
		return 0, context.Cause(w.ctx)
	}
	if len(above) > maxDepth {
		return 0, fmt.Errorf("%q is more than %d folders deep", at, maxDepth)
	}
	entries, err := fs.ReadDir(w.files, at)
	if err != nil {
		return 0, wrong(at, err)
	}
	if w.entries += len(entries); w.entries > maxEntries {
		return 0, fmt.Errorf("there are more than %d files", maxEntries)
	}
	none := len(w.none)
	for _, e := range entries {
		k, err := w.entry(path.Join(at, e.Name()), e, above)
		if err != nil {
			return 0, err
		}
		n += k
	}
	if n == 0 && at != "." {
		w.none = append(w.none[:none], at)
	}
	return n, nil
}

// errName is of a name that package fs refuses.
var errName = errors.New("its name is not UTF-8: rename it")

func (w *walker) entry(name string, e fs.DirEntry, above []fs.FileInfo) (images int, err error) {
	if w.ctx.Err() != nil {
		return 0, context.Cause(w.ctx)
	}
	if packed.Hidden(e.Name()) {
		if slices.Contains(picture.Extensions(), strings.ToLower(path.Ext(name))) {
			w.hidden = append(w.hidden, name)
		}
		return 0, nil
	}
	if w.leaves(name) {
		w.names = append(w.names, name)
		return 1, nil
	}
	kind := e.Type()
	if kind&fs.ModeSymlink != 0 || kind.IsDir() {
		if !utf8.ValidString(name) {
			return 0, &FileError{name, errName}
		}
		info, err := fs.Stat(w.files, name)
		if err != nil {
			return 0, outside(name, err)
		}
		if info.IsDir() {
			return w.inner(name, info, above)
		}
		kind = info.Mode().Type()
	}
	return w.file(name, kind)
}

// leaves reports whether ?without= takes an entry away, whatever it is: that may be why. A folder that has the name of a scanner's file
// stays.
func (w *walker) leaves(name string) bool {
	if !slices.Contains(w.without, name) || !MayBe(name) {
		return false
	}
	info, err := fs.Stat(w.files, name)
	return IsImage(name) || err != nil || !info.IsDir()
}

// file takes a file that is an image, or keeps what else it is.
func (w *walker) file(name string, kind fs.FileMode) (images int, err error) {
	is, err := w.is(name, kind)
	switch {
	case err != nil:
		w.unseen = append(w.unseen, &FileError{name, reason(err)})
		return 0, nil
	case !is:
		if path.Base(name) != labelsFile {
			w.others[strings.ToLower(path.Ext(name))]++
		}
		return 0, nil
	case !kind.IsRegular():
		return 0, &FileError{name, errors.New("not a regular file")}
	case w.one:
		return 0, errFound
	}
	w.names = append(w.names, name)
	return 1, nil
}

// is reports whether a file is taken for an image; only a regular one is opened for that.
func (w *walker) is(name string, kind fs.FileMode) (bool, error) {
	if !kind.IsRegular() {
		return IsImage(name), nil
	}
	return Is(w.files, name)
}

// inner goes through a folder within another.
func (w *walker) inner(name string, info fs.FileInfo, above []fs.FileInfo) (int, error) {
	for _, a := range above {
		if os.SameFile(a, info) {
			w.loops = append(w.loops, name)
			return 0, nil
		}
	}
	if w.skip(name, info) {
		w.runs = append(w.runs, name)
		return 0, nil
	}
	return w.folder(name, append(slices.Clip(above), info))
}

// outside is the error of a link that cannot be followed.
func outside(name string, err error) error {
	var p *fs.PathError
	if !errors.As(err, &p) {
		return &FileError{name, err}
	}
	err = p.Err
	return &FileError{name, fmt.Errorf("a link that leads out of the data, or nowhere (%w); links are followed within the folder "+
		"alone: copy what it names into the folder (cp -rL FOLDER COPY does on Linux and macOS)", err)}
}
