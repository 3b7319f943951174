package spdiff

import (
	"fmt"
	"strconv"

	"spdiff/tensor/safetensors"
)

// The state of a training has, besides its weights and what its optimiser remembers, the configuration, the number of steps and
// that of the source's images. Nothing else is needed: which images a step draws, and all its random numbers, follow from its
// number.

// imagesKey is where the metadata has how many images the source has.
const imagesKey = "images"

// Save writes the state of the training to a file, aside first, so that an old file is there, whole, until the new one is. An
// *atomicfile.UnsyncedError says that the state is saved, and that the disk has not confirmed its name: it is a warning.
func (t *Trainer) Save(path string) error {
	if err := t.state().save(path); err != nil {
		return fmt.Errorf("state: %w", err)
	}
	return nil
}

// state returns the state, whose numbers are the trainer's own.
func (t *Trainer) state() *state {
	metadata := t.config.metadata()
	metadata[imagesKey] = strconv.Itoa(t.feed.reader.epochs.n)
	s := newState(metadata, t.Notes)
	s.add("", t.network.Params(), t.optimiser)
	return s
}

// stateTensors returns how many tensors of the state each parameter has: its value, m, v and the running means.
func (c Config) stateTensors() float64 { return float64(3 + len(c.optimiser().Averages)) }

// StateBytes returns the size in bytes of the numbers in a training's state, as [Trainer.Save] writes it; 0 if c is not
// valid.
func (c Config) StateBytes() int64 {
	if c.Validate() != nil {
		return 0
	}
	return int64(4 * float64(c.Resolved().Network.Parameters()) * c.stateTensors())
}

// Resume continues a training from a state that [Trainer.Save] wrote: the steps that follow have the same bits as if it had
// never been interrupted. The configuration is the saved one but for Steps, which is steps, the new end; if those are done
// already, [Trainer.Run] makes none, and [Trainer.Model] is what was trained. The source must be the same; another number of
// images is a *SourceError, and the saved Notes may tell more. A file that is damaged anywhere is a *safetensors.SealError, one of
// another version of this package a *VersionError.
func Resume(path string, s Source, steps int) (*Trainer, error) {
	return resumed[*Trainer](path, s, steps, resumeFile)
}

// A resumer continues a training from a file that was read from a path.
type resumer[T any] func(f *safetensors.File, path string, s Source, steps int) (T, error)

// resumed reads the file at a path and continues from it.
func resumed[T any](path string, s Source, steps int, resume resumer[T]) (t T, err error) {
	f, err := safetensors.ReadSealed(path)
	if err != nil {
		return t, fmt.Errorf("state: %w", err)
	}
	return resume(f, path, s, steps)
}

// onOthers continues as resume does, on other images than the training's.
func onOthers[T any](resume resumer[T]) resumer[T] {
	return func(f *safetensors.File, path string, s Source, steps int) (t T, err error) {
		if s == nil {
			return t, errNoSource
		}
		f.Metadata[imagesKey] = strconv.Itoa(s.Len())
		return resume(f, path, s, steps)
	}
}

// resumeFile is the resumer of a diffusion.
func resumeFile(f *safetensors.File, path string, s Source, steps int) (*Trainer, error) {
	t, err := resume(f, s, steps)
	if err != nil {
		return nil, fmt.Errorf("state: %s: %w", path, err)
	}
	return t, nil
}

// ResumeOn continues a training as [Resume] does, but on other images, of any number. No training from the beginning would make
// the same steps. It is up to the caller to change what the saved Notes say about the images.
func ResumeOn(path string, s Source, steps int) (*Trainer, error) {
	return resumed(path, s, steps, onOthers[*Trainer](resumeFile))
}

func resume(f *safetensors.File, s Source, steps int) (*Trainer, error) {
	c, err := stateConfig(f)
	if err != nil {
		return nil, err
	}
	if err := sameNumber(f, s); err != nil {
		return nil, err
	}
	c.Steps = steps
	t, err := NewTrainer(c, s)
	if err != nil {
		return nil, err
	}
	t.Notes = notesOf(f)
	return t, t.state().restore(f, c.maxSteps())
}

// sameNumber returns a *SourceError unless the source has as many images as the training of a state drew from.
func sameNumber(f *safetensors.File, s Source) error {
	if s == nil {
		return errNoSource
	}
	if n := strconv.Itoa(s.Len()); n != f.Metadata[imagesKey] {
		return &SourceError{fmt.Sprintf("the training drew from %.20s images and there are %s now; it goes on with the same alone", f.Metadata[imagesKey], n)}
	}
	return nil
}

// stateConfig returns the configuration of a state, before memory is taken for it: what it claims must be there.
func stateConfig(f *safetensors.File) (Config, error) {
	if kind := kindOf(f.Metadata); kind != KindState {
		return Config{}, &FileError{fmt.Sprintf("of kind %.40q, not the state of a diffusion's training", kind),
			"the states of a run are state-STEPS.safetensors; ResumeGAN and LoadGANState take that of a GAN"}
	}
	c, err := configOf[Config](f.Metadata)
	if err != nil {
		return c, err
	}
	if _, err := stepsOf(f, stepsKey, c.maxSteps()); err != nil {
		return c, err
	}
	if got, want := numbers(f), float64(c.Network.Parameters())*c.stateTensors(); float64(got) != want {
		return c, fmt.Errorf("there are %d numbers, and its configuration describes %.0f; this is no state of a training, or it is damaged", got, want)
	}
	return c, nil
}
