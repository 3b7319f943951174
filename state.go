package spdiff

import (
	"fmt"
	"maps"
	"strconv"
	"strings"

	"spdiff/nn"
	"spdiff/tensor"
	"spdiff/tensor/safetensors"
)

// A state is what a training goes on from: arrays of numbers, which are its own and not copies, and metadata. It is one
// safetensors file, sealed by a checksum. Of which training it is, it does not know: a model of one network has a part without a
// name, one of several a part for each.
//
//	[PART/]weight/NAME   [PART/]m/NAME   [PART/]v/NAME   [PART/]average0/NAME …   of each parameter, in the layout of the products
//	[PART/]buffer/NAME                                                           numbers that are not trained
//	[PART/]steps                                                                 in the metadata: those of the part's optimiser
//	note/KEY                                                                     in the metadata: what the caller keeps there
type state struct {
	metadata map[string]string
	arrays   []array
	parts    []part
}

// An array is numbers of a training.
type array struct {
	name   string
	values []float32
}

// A part is a network and its optimiser.
type part struct {
	name      string
	optimiser *nn.Optimiser
}

const notePrefix = "note/"

// newState returns a state without parts, with metadata and with notes of the caller.
func newState(metadata, notes map[string]string) *state {
	s := &state{metadata: maps.Clone(metadata)}
	for key, note := range notes {
		s.metadata[notePrefix+key] = note
	}
	return s
}

// in returns a name in a part.
func in(part, name string) string {
	if part == "" {
		return name
	}
	return part + "/" + name
}

// add adds a network: its parameters, and what their optimiser remembers.
func (s *state) add(name string, params []*nn.Param, o *nn.Optimiser) {
	memory := o.State()
	s.parts = append(s.parts, part{name, o})
	for i, p := range params {
		s.addArray(name, "weight/"+p.Name, p.Value.Data())
		s.addArray(name, "m/"+p.Name, memory.M[i])
		s.addArray(name, "v/"+p.Name, memory.V[i])
		for k := range memory.Averages {
			s.addArray(name, fmt.Sprintf("average%d/%s", k, p.Name), memory.Averages[k][i])
		}
	}
}

// addBuffer adds numbers of a network that are not trained, such as running statistics.
func (s *state) addBuffer(part, name string, values []float32) {
	s.addArray(part, "buffer/"+name, values)
}

func (s *state) addArray(part, name string, values []float32) {
	s.arrays = append(s.arrays, array{in(part, name), values})
}

const stepsKey = "steps"

// file returns the state as a file, whose numbers are the training's own.
func (s *state) file() *safetensors.File {
	f := &safetensors.File{Metadata: maps.Clone(s.metadata)}
	for _, p := range s.parts {
		f.Metadata[in(p.name, stepsKey)] = strconv.Itoa(p.optimiser.State().Steps)
	}
	for _, a := range s.arrays {
		f.Tensors = append(f.Tensors, safetensors.Tensor{Name: a.name, Value: tensor.From(a.values, len(a.values))})
	}
	return f
}

// save writes the state aside first, so that an old file is there, whole, until the new one is.
func (s *state) save(path string) error { return safetensors.WriteSealed(path, s.file()) }

// restore sets the training to what a file has: every array, and the steps of the parts, none of more than most. Where it
// returns an error it has changed nothing.
func (s *state) restore(f *safetensors.File, most int) error {
	steps := make([]int, len(s.parts))
	for i, p := range s.parts {
		n, err := stepsOf(f, in(p.name, stepsKey), most)
		if err != nil {
			return err
		}
		steps[i] = n
	}
	saved := map[string]*tensor.Tensor{}
	for _, e := range f.Tensors {
		saved[e.Name] = e.Value
	}
	for _, a := range s.arrays {
		if v := saved[a.name]; v == nil || v.Len() != len(a.values) {
			return fmt.Errorf("tensor %q is missing or of another length; this is no state of the network that its configuration describes", a.name)
		}
	}
	for _, a := range s.arrays {
		copy(a.values, saved[a.name].Data())
	}
	for i, p := range s.parts {
		p.optimiser.State().Steps = steps[i]
	}
	return nil
}

// stepsOf returns a number of steps in a file's metadata.
func stepsOf(f *safetensors.File, key string, most int) (int, error) {
	n, err := strconv.Atoi(f.Metadata[key])
	if err != nil || n < 0 || n > most {
		return 0, fmt.Errorf("the metadata has %.30q for the number of steps; it is from 0 to %d", f.Metadata[key], most)
	}
	return n, nil
}

// notesOf returns the caller's notes in a file, nil if there are none.
func notesOf(f *safetensors.File) (notes map[string]string) {
	for key, note := range f.Metadata {
		if key, is := strings.CutPrefix(key, notePrefix); is {
			if notes == nil {
				notes = map[string]string{}
			}
			notes[key] = note
		}
	}
	return notes
}
