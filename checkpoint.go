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

	"spdiff/tensor/atomicfile"
	"spdiff/tensor/safetensors"
)

// A folder of checkpoints holds the last two states of a training, each a file of its own that is never touched again: at any
// moment, of a crash too, one that was whole stays whole.

// Checkpoint saves the state into a folder, as state-STEPS.safetensors. Once it is on the disk, all but the two newest states are
// removed, and so are unfinished files that a killed process left here. If saving fails, the earlier states are
// still there, whole. One trainer at a time may use a folder.
//
// A *NewerError says that the folder has a state of more steps, which would be taken for the newest: nothing is done. A
// *LeftoverError says that the state is saved, and that something old could not be removed; the next Checkpoint tries again. An
// *atomicfile.UnsyncedError says that the state is saved, and that the disk has not confirmed its name: nothing old is removed then, as a
// crash of the machine could undo the name; the next Checkpoint removes it.
func (t *Trainer) Checkpoint(folder string) error { return checkpoint(folder, t.Steps(), t.Save) }

// checkpoint saves the state of so many steps.
func checkpoint(folder string, steps int, save func(path string) error) error {
	there, err := Checkpoints(folder)
	if err != nil {
		return err
	}
	if len(there) > 0 {
		if n, _ := checkpointSteps(filepath.Base(there[0])); n > steps {
			return &NewerError{there[0], n, steps}
		}
	}
	if err := save(filepath.Join(folder, statePrefix+fmt.Sprintf("%09d", steps)+stateSuffix)); err != nil {
		return err
	}
	if err := tidy(folder); err != nil {
		return &LeftoverError{folder, err}
	}
	return nil
}

// The name of a checkpoint is its number of steps between these.
const (
	statePrefix = "state-"
	stateSuffix = ".safetensors"
)

// tidy removes the states before the last two, and what was being written when a process was killed.
func tidy(folder string) error {
	old, err := Checkpoints(folder)
	if err != nil {
		return err
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	old = old[min(2, len(old)):]
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), "."+statePrefix) && atomicfile.IsAside(e.Name()) {
			old = append(old, filepath.Join(folder, e.Name()))
		}
	}
	var all []error
	for _, path := range old {
		all = append(all, os.Remove(path))
	}
	return errors.Join(all...)
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
	text, begins := strings.CutPrefix(name, statePrefix)
	text, ends := strings.CutSuffix(text, stateSuffix)
	n, err := strconv.ParseUint(text, 10, 31)
	return int(n), begins && ends && err == nil
}

// ResumeLast continues a training from the newest checkpoint in a folder that is whole, as [Resume] does. Newer ones that are
// damaged, or cannot be read, are passed over: damaged says which and why. Move them away before the next Checkpoint, which goes
// by names and refuses to write beside newer ones.
func ResumeLast(folder string, s Source, steps int) (t *Trainer, damaged []*DamagedError, err error) {
	return newestWhole[*Trainer](folder, s, steps, resumeFile)
}

// ResumeLastOn is [ResumeLast] with other images, as [ResumeOn] is [Resume] with other images.
func ResumeLastOn(folder string, s Source, steps int) (t *Trainer, damaged []*DamagedError, err error) {
	return newestWhole[*Trainer](folder, s, steps, onOthers[*Trainer](resumeFile))
}

// newestWhole resumes from the newest checkpoint that is whole, and returns the error of that.
func newestWhole[T any](folder string, s Source, steps int, resume resumer[T]) (t T, damaged []*DamagedError, err error) {
	paths, err := Checkpoints(folder)
	if err != nil {
		return t, nil, err
	}
	for _, path := range paths {
		f, err := safetensors.ReadSealed(path)
		if err == nil {
			t, err = resume(f, path, s, steps)
			return t, damaged, err
		}
		damaged = append(damaged, &DamagedError{path, err})
	}
	if len(damaged) > 0 {
		return t, damaged, fmt.Errorf("state: no checkpoint in %s is whole: %w", folder, damaged[0])
	}
	return t, nil, fmt.Errorf("state: there is no checkpoint in %s: %w", folder, os.ErrNotExist)
}

// A DamagedError says that a checkpoint is not what was saved, or cannot be read.
type DamagedError struct {
	Path  string
	Cause error // a *safetensors.SealError, or that of the file system
}

// Error says which file is damaged, and how.
func (e *DamagedError) Error() string {
	if text := e.Cause.Error(); strings.Contains(text, e.Path) {
		return text
	}
	return e.Path + ": " + e.Cause.Error()
}

// Unwrap returns the cause.
func (e *DamagedError) Unwrap() error { return e.Cause }

// A NewerError says that a checkpoint would not be the newest in its folder, so that a later training would go on from another.
type NewerError struct {
	Path        string // of the newest
	Steps, Have int    // its steps, and the training's
}

// Error says what is there, and what to do.
func (e *NewerError) Error() string {
	return fmt.Sprintf("state: %s is of step %d and the training at step %d: move it away, or save into another folder", e.Path, e.Steps, e.Have)
}

// A LeftoverError says that something old could not be removed from a folder of checkpoints. The newest state is saved: it is a
// warning.
type LeftoverError struct {
	Folder string
	Cause  error
}

// Error says what is left.
func (e *LeftoverError) Error() string {
	return fmt.Sprintf("state: saved, but what is old stays in %s: %v", e.Folder, e.Cause)
}

// Unwrap returns the cause.
func (e *LeftoverError) Unwrap() error { return e.Cause }
