package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"spdiff"
	"spdiff/cmd/internal/cli"
	"spdiff/tensor/atomicfile"
)

// merge brings what was measured elsewhere into the experiment's folder, and writes the report. Cells that are missing are an error
// that names them, once the report of the others is written.
func merge(o *options) error {
	for _, folder := range o.folders {
		if err := o.adopt(folder); err != nil {
			return err
		}
	}
	there, err := readSettings(o.out)
	if err != nil {
		return cli.Usagef("-out %s: %w; name the folder of an experiment, or folders of its parts after -merge", o.out, err)
	}
	if there.Name != o.Name {
		return cli.Usagef("-out %s: it has the experiment %s, and not %s; name that, or another folder", o.out, there.Name, o.Name)
	}
	o.settings = there // the report is of what was done there, whatever else is said
	if err := report(o); err != nil {
		return err
	}
	missing, err := o.missing()
	if err == nil && len(missing) > 0 {
		n := len(missing)
		err = fmt.Errorf("%d cells are missing: %s; the report lacks them. Run them with the same -models, -sizes and -seeds, or give here only those that are wanted",
			n, strings.Join(missing[:min(n, 8)], ", "))
	}
	return err
}

// adopt copies what was measured in another folder of the same experiment.
func (o *options) adopt(from string) error {
	theirs, err := readSettings(from)
	if err != nil {
		return cli.Usagef("-merge %s: %w; name the folders of an experiment's parts", from, err)
	}
	if theirs.Name != o.Name {
		return cli.Usagef("-merge %s: it has the experiment %s, and not %s", from, theirs.Name, o.Name)
	}
	if err := os.MkdirAll(o.out, 0o777); err != nil {
		return err
	}
	if err := theirs.keep(o.out); err != nil {
		return fmt.Errorf("-merge %s: %w", from, err)
	}
	files, markers := measuredIn(from)
	for _, name := range markers {
		if err := o.checkDone(from, name); err != nil {
			return err
		}
	}
	for _, name := range slices.Concat(files, markers) {
		name = filepath.FromSlash(name)
		if err := copyFile(filepath.Join(o.out, name), filepath.Join(from, name)); err != nil {
			return err
		}
	}
	return nil
}

// measuredIn returns the files of a folder that are brought over: all that was measured, and what says that the training of it is done.
// Pictures alone are of a drawing that has not come to its end.
func measuredIn(folder string) (files, markers []string) {
	files = slices.DeleteFunc(measuredFiles(folder), func(name string) bool {
		return path.Ext(name) != ".json" && !has(filepath.Join(folder, filepath.FromSlash(recordPath(cellOf(name), whole))))
	})
	for _, name := range files {
		marker := path.Join(trainingOf(cellOf(name)), trainedFile)
		if has(filepath.Join(folder, filepath.FromSlash(marker))) && !slices.Contains(markers, marker) {
			markers = append(markers, marker)
		}
	}
	return files, markers
}

// trainingOf returns the folder of the training whose weights the cell in a folder has.
func trainingOf(folder string) string {
	size, name := path.Split(folder)
	at := strings.LastIndexByte(name, '-')
	if m, ok := modelOf(name[:max(at, 0)]); ok && m.of != "" {
		return path.Join(size, m.of+name[at:])
	}
	return folder
}

// checkDone returns an error if a training that another folder says to be done was begun in -out and did not come to its end: its
// half-trained model would be taken for that of the other.
func (o *options) checkDone(from, marker string) error {
	theirs := filepath.Join(from, filepath.FromSlash(marker))
	folder := filepath.Join(o.out, filepath.FromSlash(path.Dir(marker)))
	if has(filepath.Join(folder, trainedFile)) || !begun(folder) {
		return nil
	}
	return fmt.Errorf("%s says that a training is done, but the one begun in %s is not: finish that one, by the command without -merge, "+
		"or remove that folder; then merge again", theirs, folder)
}

// begun reports whether a folder has a model or a state of a training.
func begun(folder string) bool {
	states, _ := spdiff.Checkpoints(folder) // none where there is no folder
	return len(states) > 0 || has(filepath.Join(folder, modelFile))
}

// copyFile copies a file unless one is there already. If that has other numbers, it returns an error.
func copyFile(to, from string) error {
	if _, err := os.Stat(to); !errors.Is(err, fs.ErrNotExist) {
		if same, err := sameNumbers(to, from); err != nil || same {
			return err
		}
		return fmt.Errorf("%s and %s are of one cell and have other numbers: remove one of them", from, to)
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
		return err
	}
	f, _, err := atomicfile.Open(from)
	if err != nil {
		return err
	}
	defer f.Close()
	return atomicfile.Written(atomicfile.Write(to, func(w io.Writer) error { _, err := io.Copy(w, f); return err }))
}

// sameNumbers reports whether two files say the same, but for how long it took, on which machine and in which folder.
func sameNumbers(a, b string) (bool, error) {
	one, err1 := timeless(a)
	two, err2 := timeless(b)
	return string(one) == string(two), errors.Join(err1, err2)
}

// timeless returns what a file has, without times, machines, warnings and commands.
func timeless(path string) ([]byte, error) {
	if filepath.Ext(path) != ".json" {
		return os.ReadFile(path)
	}
	var all map[string]any
	if err := readJSON(path, &all); err != nil {
		return nil, err
	}
	if all["failed"] != nil {
		delete(all, "quality") // there is none
	}
	training, _ := all["training"].(map[string]any)
	for _, name := range []string{"seconds", "machine", "warning", "minutes", "drawing_seconds", "features_seconds", "commands"} {
		delete(all, name)
		delete(training, name)
	}
	return json.Marshal(all)
}

// missing returns the cells that are wanted and have no numbers.
func (o *options) missing() (names []string, err error) {
	l := &lab{options: o}
	for _, j := range o.jobs() {
		for _, c := range j {
			for _, m := range slices.Concat(c.measures, l.onTheWay(c)) {
				is, err := done(recordPath(filepath.Join(o.out, filepath.FromSlash(c.folder)), m.name))
				if err != nil {
					return nil, err
				}
				if !is {
					names = append(names, c.folder+"/"+m.name)
				}
			}
		}
	}
	return names, nil
}
