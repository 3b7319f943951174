// Package evaluation is what the commands that measure models have in common: which feature networks there are and what distances
// between their features are called, what a reference is, and how a model is watched while it is trained.
package evaluation

import (
	"fmt"
	"strings"

	"spdiff/cmd/internal/cli"
	"spdiff/group"
	"spdiff/nn/features"
	"spdiff/nn/inception"
)

// A Network is a feature network and what distances between its features are called.
type Network struct {
	features.Extractor
	Distance  string      // "FD-digits", "FID": nobody is to mistake one for another
	Invariant group.Group // under which the features of an image are those of its turned copies, to the bit

	Classes, Orientations int // that it tells apart; 0: none
}

// shipped are the networks that come with the program, by the names that -features takes. A network is a line.
var shipped = []struct {
	name, what string
	open       func() (Network, error)
}{}

// published is the beginning of the SHA-256 of the weights that FID is defined by: pytorch-fid's, converted from Google's.
const published = "6726825d"

// inceptionKind is what -features begins with where weights are in a file.
const inceptionKind = "inception:"

// Open opens the network that an argument names: one that comes with the program, or inception:FILE.
func Open(arg string) (Network, error) {
	for _, s := range shipped {
		if s.name == arg {
			return s.open()
		}
	}
	path, ok := strings.CutPrefix(arg, inceptionKind)
	if !ok || path == "" {
		return Network{}, cli.Usagef("-features %q: there is no such network; there are\n%s", arg, Help())
	}
	n, err := inception.Load(path)
	if err != nil {
		return Network{}, fmt.Errorf("-features: %w", err)
	}
	return Inception(n), nil
}

// Inception returns the network of Inception's features. The distance is FID if the weights are those that it is defined by, and
// is named by the weights if they are others.
func Inception(n features.Extractor) Network {
	label := strings.TrimPrefix(n.Name(), "inception-v3/")
	if label == published {
		return Network{Extractor: n, Distance: "FID"}
	}
	return Network{Extractor: n, Distance: "FD-inception/" + label}
}

// Help lists the networks, for -h.
func Help() string {
	var b strings.Builder
	for _, s := range shipped {
		fmt.Fprintf(&b, "  %-16s %s\n", s.name, s.what)
	}
	fmt.Fprintf(&b, "  %-16s %s\n", inceptionKind+"FILE", "FID: pt_inception-2015-12-05-6726825d.pth, or a safetensors file of it")
	return b.String()
}

// Default returns the name of the shipped network for images of a shape, "" if there is none.
func Default(h, w, c int) string {
	name := ""
	switch [3]int{h, w, c} {
	case [3]int{28, 28, 1}:
		name = "digits"
	case [3]int{64, 64, 3}:
		name = "cells"
	}
	for _, s := range shipped {
		if s.name == name {
			return name
		}
	}
	return ""
}
