package main

import (
	"fmt"
	"slices"
	"strings"

	"spdiff"
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

// open reads the weights whose names begin with a prefix, or, if none is given and the file has one network, with whatever they do.
// Tensors of a network whose own prefix begins with that one are left out.
func open(path, prefix string, given bool) (*source, error) {
	f, torch, err := read(path)
	if err != nil {
		return nil, err
	}
	if prefix == "" && !torch && isModel(f.Metadata) {
		return nil, fmt.Errorf("%s: it has a configuration: it is a model already, or the state of a training", path)
	}
	networks := prefixes(f)
	if prefix, err = choose(networks, prefix, given, len(f.Tensors)); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	s := &source{prefix: prefix, weights: map[string]*tensor.Tensor{}}
	for _, t := range f.Tensors {
		if name, ok := strings.CutPrefix(t.Name, prefix); ok && !ofLonger(networks, prefix, t.Name) {
			s.weights[name] = t.Value
		} else {
			s.others++
		}
	}
	return s, nil
}

// read reads a file, of whichever kind its first bytes say, and says whether that is PyTorch's.
func read(path string) (file *safetensors.File, torch bool, err error) {
	start := make([]byte, 16)
	f, _, err := atomicfile.Open(path)
	if err != nil {
		return nil, false, err
	}
	_, err = f.ReadAt(start, 0)
	f.Close()
	if err == nil && torchfile.Is(start) {
		file, err = torchfile.Read(path)
		return file, true, err
	}
	file, err = safetensors.Read(path)
	return file, false, err
}

// isModel reports whether a file of this metadata is one of ours: beside a text called "config", which others have too, its kind says
// so, or that text is a configuration, as in older files.
func isModel(metadata map[string]string) bool {
	config, ok := metadata["config"]
	ours := slices.Contains([]string{spdiff.KindDiffusion, spdiff.KindState, spdiff.KindGAN, spdiff.KindGANState}, metadata["kind"])
	if !ok || ours {
		return ok
	}
	_, err := spdiff.ParseConfig([]byte(config))
	return err == nil
}

// prefixes returns what the names of each of a file's networks begin with, in order.
func prefixes(f *safetensors.File) (all []string) {
	for _, t := range f.Tensors {
		if prefix, ok := strings.CutSuffix(t.Name, firstName); ok {
			all = append(all, prefix)
		}
	}
	slices.Sort(all)
	return all
}

// choose returns the prefix of the network that is meant in a file of n tensors: the one that is given, or the only one.
func choose(networks []string, prefix string, given bool, n int) (string, error) {
	switch {
	case len(networks) == 0:
		return "", fmt.Errorf("none of its %d tensors is %s: these are not the weights of an ADM U-Net", n, firstName)
	case given && !slices.Contains(networks, prefix):
		return "", cli.Usagef("no tensor is %s%s; there is %s", prefix, firstName, flagsOf(networks))
	case given:
		return prefix, nil
	case len(networks) > 1:
		return "", fmt.Errorf("it has %d networks; say which: %s", len(networks), flagsOf(networks))
	}
	return networks[0], nil
}

// flagOf returns the flag that chooses a network.
func flagOf(prefix string) string {
	if prefix == "" {
		return `-prefix ""`
	}
	return "-prefix " + prefix
}

// flagsOf returns the flags that choose networks, the first few of many.
func flagsOf(networks []string) string {
	var all []string
	for _, prefix := range networks[:min(len(networks), 8)] {
		all = append(all, flagOf(prefix))
	}
	return strings.Join(all, ", or ")
}

// ofLonger reports whether a tensor is that of a network with a longer prefix.
func ofLonger(networks []string, prefix, name string) bool {
	return slices.ContainsFunc(networks, func(other string) bool { return len(other) > len(prefix) && strings.HasPrefix(name, other) })
}

// shapes returns the shapes of the weights.
func (s *source) shapes() map[string]tensor.Shape {
	shapes := map[string]tensor.Shape{}
	for name, t := range s.weights {
		shapes[name] = t.Shape()
	}
	return shapes
}
