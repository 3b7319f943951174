package train

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"spdiff/cmd/internal/cli"
	"spdiff/cmd/internal/dataset"
	"spdiff/cmd/internal/lock"
	"spdiff/tensor/atomicfile"
)

// The files of a run's folder, besides its states, state-STEPS.safetensors, what TensorBoard shows, and its lock.
const (
	configFile = "config.json"
	runFile    = "run.json"
	modelFile  = "model.safetensors"
	logFile    = "log.jsonl"
	csvFile    = "log.csv"
	plotFile   = "loss.png"
	samplesDir = "samples"
	modelsDir  = "models"
)

// The names of a run's files: in its folder, and in the folders within.
var (
	ownFile  = regexp.MustCompile(`^(lock|config\.json|run\.json|log\.(jsonl|csv)|loss\.png|evaluation\.csv|(model(-\d+|-best)?|state-\d+)\.safetensors|events\.out\.tfevents\..*\.spdiff)$`)
	ownInner = regexp.MustCompile(`^step-\d+\.(png|safetensors)$`)
)

// newFolder makes the folder of a new run and locks it: the one named, which must not exist or be empty, or the first free
// runs/NAME-1, -2, ….
func newFolder(out, data string) (string, *lock.Lock, error) {
	folder := out
	if out == "" {
		var err error
		if folder, err = nextFolder(data); err != nil {
			return "", nil, err
		}
	} else if err := checkFree(out); err != nil {
		return "", nil, err
	}
	if err := errors.Join(os.MkdirAll(folder, 0o777), atomicfile.Sync(filepath.Dir(folder))); err != nil {
		return "", nil, advise(err)
	}
	l, err := takeFolder(folder)
	if err != nil {
		return "", nil, err
	}
	if err := checkFree(folder); err != nil { // once more: another process may have been here before the lock was taken
		l.Release()
		return "", nil, err
	}
	return folder, l, nil
}

// takeFolder locks a folder, and sweeps out what a process of the run that was killed left half-written.
func takeFolder(folder string) (*lock.Lock, error) {
	if err := checkOwn(folder); err != nil {
		return nil, err
	}
	l, err := lock.Take(folder)
	if err != nil {
		return nil, advise(err)
	}
	if err := sweep(folder); err != nil {
		l.Release()
		return nil, advise(err)
	}
	return l, nil
}

// checkOwn returns an error if something in a run's folder has the name of one of its files and is a link, or whatever else leads
// out of it: it would be read, written or swept in the run's name. A state that cannot be one leads nowhere, and is passed over as one
// that is damaged.
func checkOwn(folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return advise(err)
	}
	for _, e := range entries {
		if noState(filepath.Join(folder, e.Name()), e) {
			continue
		}
		isFolder := e.Name() == samplesDir || e.Name() == modelsDir
		if isFolder && !e.IsDir() || ownFile.MatchString(e.Name()) && !e.Type().IsRegular() {
			return fmt.Errorf("%s: a link or the like; a run's files are its own: remove it, or put what it leads to in its place", filepath.Join(folder, e.Name()))
		}
	}
	return nil
}

// noState reports whether what has the name of a state is a folder, or a link to nothing.
func noState(path string, e fs.DirEntry) bool {
	if !strings.HasPrefix(e.Name(), "state-") || e.Type().IsRegular() {
		return false
	}
	_, err := os.Stat(path)
	return e.IsDir() || errors.Is(err, fs.ErrNotExist)
}

// sweep removes what was on the way to becoming a file of the run. What others write into its folder at this time, as
// cmd/sample does, it leaves.
func sweep(folder string) error {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return err
	}
	defer root.Close()
	for dir, own := range map[string]*regexp.Regexp{".": ownFile, samplesDir: ownInner, modelsDir: ownInner} {
		entries, err := fs.ReadDir(root.FS(), dir)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		for _, e := range entries {
			if of, is := atomicfile.Aside(e.Name()); is && own.MatchString(of) {
				if err := root.Remove(filepath.Join(dir, e.Name())); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// checkFree returns an error if a folder holds more than what a run leaves that was killed before it began: its lock, and beside that
// its settings. Without a lock they are somebody's own.
func checkFree(folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	var left []string
	if slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == lock.Name }) {
		left = []string{lock.Name, configFile, runFile}
	}
	for _, e := range entries {
		if n := e.Name(); !slices.Contains(left, n) && !atomicfile.IsAside(n) {
			return cli.Usagef("-out %s: the folder is not empty; go on with its run by -resume %s, or name another", folder, cli.Quoted(folder))
		}
	}
	return nil
}

// nextFolder makes the first of runs/NAME-1, -2, … that is not there.
func nextFolder(data string) (string, error) {
	name := dataset.Name(data)
	if err := os.MkdirAll("runs", 0o777); err != nil {
		return "", advise(err)
	}
	for i := 1; ; i++ {
		folder := filepath.Join("runs", fmt.Sprintf("%s-%d", name, i))
		if err := os.Mkdir(folder, 0o777); err == nil {
			return folder, nil
		} else if !errors.Is(err, fs.ErrExist) {
			return "", advise(err)
		}
	}
}

// setAside renames a file that is damaged, for people to look at.
func setAside(path string) (string, error) {
	aside := path + ".damaged"
	return aside, os.Rename(path, aside)
}
