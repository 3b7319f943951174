package spdiff

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"spdiff/tensor/safetensors"
)

// A folder of checkpoints holds the last two states of a training, each a file of its own that is never touched again: at any
// moment, of a crash too, one that was whole stays whole.

// Checkpoint saves the state into a folder, as state-STEPS.safetensors, and removes those that are older than the two newest
// once it is on the disk. Where it fails, what was saved before is still there, whole. One trainer at a time may use a folder.
func (t *Trainer) Checkpoint(folder string) error {
	if err := t.Save(filepath.Join(folder, fmt.Sprintf("state-%09d.safetensors", t.Steps()))); err != nil {
		return err
	}
	all, err := Checkpoints(folder)
	if err != nil {
		return err
	}
	for _, path := range all[min(2, len(all)):] {
		if err := os.Remove(path); err != nil {
			return fmt.Errorf("state: %w", err)
		}
	}
	return nil
}

// Checkpoints returns the paths of the states that [Trainer.Checkpoint] wrote into a folder, the newest first. Whether they are
// whole it does not say.
func Checkpoints(folder string) ([]string, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("state: %w", err)
	}
	steps := map[string]int{}
	var paths []string
	for _, e := range entries {
		if n, ok := checkpointSteps(e.Name()); ok {
			path := filepath.Join(folder, e.Name())
			paths, steps[path] = append(paths, path), n
		}
	}
	slices.SortFunc(paths, func(a, b string) int { return cmp.Compare(steps[b], steps[a]) })
	return paths, nil
}

// checkpointSteps returns the number of steps in a checkpoint's name.
func checkpointSteps(name string) (int, bool) {
	text, begins := strings.CutPrefix(name, "state-")
	text, ends := strings.CutSuffix(text, ".safetensors")
	n, err := strconv.ParseUint(text, 10, 55)
	return int(n), begins && ends && err == nil
}

// ResumeLast continues a training from the newest checkpoint in a folder that is whole, as [Resume] does. Newer ones that are
// damaged are passed over: damaged says which and how. Move them away before the next Checkpoint, which goes by names and would
// keep them in place of whole ones.
func ResumeLast(folder string, s Source, steps int) (t *Trainer, damaged []*DamagedError, err error) {
	paths, err := Checkpoints(folder)
	if err != nil {
		return nil, nil, err
	}
	for _, path := range paths {
		t, err = Resume(path, s, steps)
		var seal *safetensors.SealError
		if !errors.As(err, &seal) {
			return t, damaged, err
		}
		damaged = append(damaged, &DamagedError{path, seal})
	}
	if len(damaged) > 0 {
		return nil, damaged, fmt.Errorf("state: no checkpoint in %s is whole: %w", folder, damaged[0])
	}
	return nil, nil, fmt.Errorf("state: there is no checkpoint in %s: %w", folder, os.ErrNotExist)
}

// A DamagedError says that a checkpoint is not what was saved.
type DamagedError struct {
	Path  string
	Cause *safetensors.SealError
}

// Error says which file is damaged, and how.
func (e *DamagedError) Error() string { return e.Path + ": " + e.Cause.Error() }

// Unwrap returns the cause.
func (e *DamagedError) Unwrap() error { return e.Cause }
