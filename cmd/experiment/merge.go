package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

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
		err = fmt.Errorf("%d cells are missing: %s; the report is without them. Make them with -models, -sizes and -seeds as they are here, or say here which are wanted",
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
	if err := os.MkdirAll(o.out, 0o777); err != nil {
		return err
	}
	if err := theirs.keep(o.out); err != nil {
		return fmt.Errorf("-merge %s: %w", from, err)
	}
	paths, err := filepath.Glob(filepath.Join(escaped(from), "*", "*", measuredDir, "*"))
	if err != nil {
		return err
	}
	for _, path := range paths {
		inner, err := filepath.Rel(from, path)
		if err == nil {
			err = copyFile(filepath.Join(o.out, inner), path)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// copyFile copies a file to where there is none yet; of a record that is there, another is an error.
func copyFile(to, from string) error {
	if old, err := os.ReadFile(to); !errors.Is(err, fs.ErrNotExist) {
		now, err2 := os.ReadFile(from)
		if err := errors.Join(err, err2); err != nil || string(old) == string(now) {
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
	return atomicfile.Write(to, func(w io.Writer) error { _, err := io.Copy(w, f); return err })
}

// missing returns the cells that are wanted and have no numbers.
func (o *options) missing() (names []string, err error) {
	for _, j := range o.jobs() {
		for _, c := range j {
			for _, m := range c.measures {
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
