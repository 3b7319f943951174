package main

import (
	"fmt"
	"slices"
	"strings"

	"spdiff/cmd/internal/cli"
	"spdiff/tensor"
	"spdiff/tensor/atomicfile"
	"spdiff/tensor/safetensors"
	"spdiff/tensor/torchfile"
)

// A source is the weights of a network in a file.
type source struct {
	prefix  string // of their names there
	others  int    // tensors of the file that are not the network's
	weights map[string]*tensor.Tensor
}

// firstName is the tensor that every network has, and by which it is found.
const firstName = "input_blocks.0.0.weight"

// open reads the weights whose names begin with a prefix, or, if it is "" and the file has one network, with whatever they do.
func open(path, prefix string) (*source, error) {
	f, err := read(path)
	if err != nil {
		return nil, err
	}
	if _, ours := f.Metadata["config"]; ours && prefix == "" {
		return nil, fmt.Errorf("%s: it has a configuration: it is a model already, or the state of a training", path)
	}
	if prefix == "" {
		if prefix, err = onlyPrefix(f); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	s := &source{prefix: prefix, weights: map[string]*tensor.Tensor{}}
	for _, t := range f.Tensors {
		if name, ok := strings.CutPrefix(t.Name, prefix); ok {
			s.weights[name] = t.Value
		} else {
			s.others++
		}
	}
	if len(s.weights) == 0 {
		return nil, cli.Usagef("-prefix %s: no tensor of %s begins so", prefix, path)
	}
	return s, nil
}

// read reads a file, of whichever kind its first bytes say.
func read(path string) (*safetensors.File, error) {
	start := make([]byte, 16)
	f, _, err := atomicfile.Open(path)
	if err != nil {
		return nil, err
	}
	_, err = f.ReadAt(start, 0)
	f.Close()
	if err == nil && torchfile.Is(start) {
		return torchfile.Read(path)
	}
	return safetensors.Read(path)
}

// onlyPrefix returns what the names of the file's only network begin with.
func onlyPrefix(f *safetensors.File) (string, error) {
	var all []string
	for _, t := range f.Tensors {
		if prefix, ok := strings.CutSuffix(t.Name, firstName); ok {
			all = append(all, prefix)
		}
	}
	switch len(all) {
	case 0:
		return "", fmt.Errorf("none of its %d tensors is %s: these are not the weights of an ADM U-Net", len(f.Tensors), firstName)
	case 1:
		return all[0], nil
	}
	slices.Sort(all)
	return "", fmt.Errorf("it has %d networks; say which: -prefix %s", len(all), strings.Join(all[:min(len(all), 8)], ", or -prefix "))
}

// shapes returns the shapes of the weights.
func (s *source) shapes() map[string]tensor.Shape {
	shapes := map[string]tensor.Shape{}
	for name, t := range s.weights {
		shapes[name] = t.Shape()
	}
	return shapes
}
