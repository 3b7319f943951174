package spdiff

import (
	"fmt"
	"strconv"

	"spdiff/tensor"
	"spdiff/tensor/safetensors"
)

// The state of a training is a safetensors file: of each parameter its value, the optimiser's moments and the running means,
// in the layout of the products, and in the metadata the configuration, the number of steps and that of the source's images, and
// a checksum of it all. Nothing else is needed: which images a step draws, and all its random numbers, follow from its number.

// Save writes the state of the training to a file, aside first, so that an old file is there, whole, until the new one is.
func (t *Trainer) Save(path string) error {
	if err := safetensors.WriteSealed(path, t.state()); err != nil {
		return fmt.Errorf("state: %w", err)
	}
	return nil
}

// state returns the state as a file, whose numbers are the trainer's own.
func (t *Trainer) state() *safetensors.File {
	f := &safetensors.File{Metadata: map[string]string{
		configKey: string(t.config.JSON()),
		stepsKey:  strconv.Itoa(t.Steps()),
		imagesKey: strconv.Itoa(t.feeder.source.Len()),
	}}
	t.eachState(func(name string, values []float32) {
		f.Tensors = append(f.Tensors, safetensors.Tensor{Name: name, Value: tensor.From(values, len(values))})
	})
	return f
}

const (
	stepsKey  = "steps"
	imagesKey = "images"
)

// stateTensors returns how many tensors of the state each parameter has: its value, m, v and the running means.
func (c Config) stateTensors() float64 { return float64(3 + len(c.optimiser().Averages)) }

// StateBytes returns the length of the numbers of a training's state, as [Trainer.Save] writes it.
func (c Config) StateBytes() int64 {
	return int64(4 * float64(c.Network.Parameters()) * c.stateTensors())
}

// eachState calls do for each piece of the state, under its name.
func (t *Trainer) eachState(do func(name string, values []float32)) {
	s := t.optimiser.State()
	for i, p := range t.network.Params() {
		do("weight/"+p.Name, p.Value.Data())
		do("m/"+p.Name, s.M[i])
		do("v/"+p.Name, s.V[i])
		for k := range s.Averages {
			do(fmt.Sprintf("average%d/%s", k, p.Name), s.Averages[k][i])
		}
	}
}

// Resume continues a training from a state that [Trainer.Save] wrote: the steps that follow have the same bits as if it had
// never been interrupted. The configuration is the saved one but for Steps, which is steps, the new end. The source must be the
// same; another number of images is a *SourceError. A file that is damaged anywhere is a *safetensors.SealError.
func Resume(path string, s Source, steps int) (*Trainer, error) {
	f, err := safetensors.ReadSealed(path)
	if err != nil {
		return nil, fmt.Errorf("state: %w", err)
	}
	t, err := resume(f, s, steps)
	if err != nil {
		return nil, fmt.Errorf("state: %s: %w", path, err)
	}
	return t, nil
}

func resume(f *safetensors.File, s Source, steps int) (*Trainer, error) {
	c, err := ParseConfig([]byte(f.Metadata[configKey]))
	if err != nil {
		return nil, err
	}
	done, err := strconv.Atoi(f.Metadata[stepsKey])
	if err != nil || done < 0 || done > maxDraws/c.Batch {
		return nil, fmt.Errorf("the metadata has %q for the number of steps", f.Metadata[stepsKey])
	}
	if n := strconv.Itoa(s.Len()); n != f.Metadata[imagesKey] {
		return nil, &SourceError{fmt.Sprintf("the training drew from %.20s images and there are %s now; it goes on with the same alone", f.Metadata[imagesKey], n)}
	}
	// Before memory is taken: what the configuration claims must be there.
	if got, want := numbers(f), float64(c.Network.Parameters())*c.stateTensors(); float64(got) != want {
		return nil, fmt.Errorf("there are %d numbers, and its configuration describes %.0f; this is no state of a training, or it is damaged", got, want)
	}
	c.Steps = steps
	t, err := NewTrainer(c, s)
	if err != nil {
		return nil, err
	}
	saved := map[string]*tensor.Tensor{}
	for _, e := range f.Tensors {
		saved[e.Name] = e.Value
	}
	t.eachState(func(name string, values []float32) {
		v := saved[name]
		if err == nil && (v == nil || v.Len() != len(values)) {
			err = fmt.Errorf("tensor %q is missing or of another length; this is no state of the network that its configuration describes", name)
		}
		if err == nil {
			copy(values, v.Data())
		}
	})
	t.optimiser.State().Steps = done
	return t, err
}
