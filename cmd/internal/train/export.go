package train

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"spdiff"
	"spdiff/cmd/internal/cli"
)

// export writes the models of a run's newest state that is whole, or of one state, one for each running mean, or, where last, that of
// the last weights. It reads alone, so that the run may be under way.
func (r *trainRun) export(ctx context.Context, from, to string, last bool) error {
	paths := []string{from}
	if info, err := os.Stat(from); err != nil {
		return fmt.Errorf("-resume %w", err)
	} else if info.IsDir() {
		if paths, err = spdiff.Checkpoints(from); err != nil {
			return err
		}
	}
	var all []error
	for _, path := range paths {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := r.exportState(path, to, last)
		var unsaved unsavedError
		if err == nil || errors.As(err, &unsaved) {
			return err
		}
		all = append(all, err)
		fmt.Printf("damaged: %v\n", err)
	}
	if len(all) == 0 {
		return fmt.Errorf("-resume %s: there is no state in this folder; is it a run's?", from)
	}
	return fmt.Errorf("-resume %s: no state there gives a model: %w", from, errors.Join(all...))
}

// An unsavedError is that of a model which cannot be written, whatever state it is of.
type unsavedError struct{ error }

// Unwrap returns the error.
func (e unsavedError) Unwrap() error { return e.error }

// exportNewest writes the models of the newest state in the run's own folder, if there is one.
func (r *trainRun) exportNewest() error {
	if err := r.lock.Check(); err != nil {
		return err
	}
	paths, err := spdiff.Checkpoints(r.folder)
	if err != nil || len(paths) == 0 {
		return err
	}
	return r.exportState(paths[0], r.path(modelFile), false)
}

// exportState is export of one state.
func (r *trainRun) exportState(path, to string, last bool) error {
	if kind, err := spdiff.Kind(path); err == nil && kind == spdiff.KindGANState {
		return r.exportGAN(path, to)
	}
	if last {
		_, err := r.exportMean(path, spdiff.Last, to)
		return err
	}
	for k, means := 0, 1; k < means; k++ {
		c, err := r.exportMean(path, k, numbered(to, k))
		if err != nil {
			return err
		}
		means = len(c.Optimiser.Averages)
	}
	return nil
}

// exportMean writes the model of running mean k of a state, and returns its configuration.
func (r *trainRun) exportMean(path string, k int, to string) (c spdiff.Config, err error) {
	m, err := spdiff.LoadState(path, k)
	if err != nil {
		return c, err
	}
	c = m.Config()
	which := "the last weights"
	if k != spdiff.Last {
		which = fmt.Sprintf("running mean %d of %d", k+1, len(c.Optimiser.Averages))
	}
	return c, r.saveExport(m, to, which+" of "+path)
}

// exportGAN writes the generator of a state. It keeps no mean of its weights: these are the last.
func (r *trainRun) exportGAN(path, to string) error {
	m, err := spdiff.LoadGANState(path)
	if err != nil {
		return err
	}
	return r.saveExport(m, to, "the generator of "+path)
}

// saveExport writes a model, and says what it is.
func (r *trainRun) saveExport(m sampler, to, what string) error {
	if err := notState(to); err != nil {
		return unsavedError{err}
	}
	if err := r.warning(m.Save(to)); err != nil {
		return unsavedError{advise(err)}
	}
	fmt.Printf("made:  %s, %s\n", to, what)
	return nil
}

// notState returns an error if a model at a path would take the place of a state, or be taken for one: the run could not go on.
func notState(path string) error {
	kind, _ := spdiff.Kind(path)
	if kind == spdiff.KindState || kind == spdiff.KindGANState || stateName.MatchString(filepath.Base(path)) {
		return cli.Usagef("-model: %s is a state, which a run goes on from, or has the name of one; name another file", path)
	}
	return nil
}

// numbered returns the name of the file of running mean k = 0, 1, … : NAME.safetensors, NAME-2.safetensors, ….
func numbered(path string, k int) string {
	if k == 0 {
		return path
	}
	const ext = ".safetensors"
	return fmt.Sprintf("%s-%d%s", strings.TrimSuffix(path, ext), k+1, ext)
}
