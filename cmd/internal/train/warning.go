package train

import (
	"errors"

	"spdiff"
	"spdiff/cmd/internal/cli"
	"spdiff/tensor/atomicfile"
)

// warning returns an error, nil if all it says is that something old stays beside what is saved, or that the disk has not confirmed
// it yet: then it is said, once.
func (r *trainRun) warning(err error) error {
	var left *spdiff.LeftoverError
	var unsynced *atomicfile.UnsyncedError
	if !errors.As(err, &left) && !errors.As(err, &unsynced) {
		return err
	}
	if text := "warning: " + cli.Brief(err.Error()); text != r.warned {
		r.warned = text
		r.note(text)
	}
	return nil
}
