// Package evaluation is what the commands that measure models have in common: which feature networks there are and what distances
// between their features are called, what a reference is, and how a model is watched while it is trained.
package evaluation

import (
	"fmt"
	"strings"

	"spdiff/cmd/internal/cli"
	"spdiff/group"
	"spdiff/nn/fd"
	"spdiff/nn/features"
	"spdiff/nn/inception"
)

// A Network is a feature network and what distances between its features are called.
type Network struct {
	features.Extractor
	Distance  string      // "FD-digits", "FID": nobody is to mistake one for another
	Invariant group.Group // under which the features of an image are those of its turned copies, to the bit

	oriented func() features.Extractor // see InverseBy; nil: none

	Classes, Orientations int // that it tells apart; 0: none
}

// Folds returns how many disjoint parts of the samples a distance's interval is of, where there is one seed: none above 512 features, up
// to which a distance takes no second, so that ten more of them do not matter.
func (n Network) Folds() int {
	if n.Dim() > 512 {
		return 0
	}
	return 10
}

// InverseBy returns the extractor of the features that Inv-FID is of, where those of the network do not change as images turn; else nil.
func (n Network) InverseBy() features.Extractor {
	if n.oriented == nil {
		return nil
	}
	return n.oriented()
}

// A Form is a network that comes with the program.
type Form struct {
	Name, What string // as -features takes it, and what it is
	Shape      [3]int // rows, columns and channels of the images that it is for
	Open       func() (Network, error)
}

// Forms are the networks that there are. Another one is a line.
var Forms = []Form{
	{"digits", "FD-digits: of 28×28 grey digits, 64 features", [3]int{28, 28, 1}, func() (Network, error) {
		return Network{Extractor: fd.Digits(), Invariant: group.C4, Classes: 10, Orientations: 4, oriented: orientedDigits}, nil
	}},
	{"cells", "FD-cells: of 64×64 stained cells in colour, 64 features", [3]int{64, 64, 3}, func() (Network, error) {
		return Network{Extractor: fd.Cells(), Invariant: group.D4, oriented: orientedCells}, nil
	}},
	{"digits-oriented", "those of digits before the mean over C4, 256 features, which turn with the digits: for the Inv-FID", [3]int{28, 28, 1},
		func() (Network, error) { return Network{Extractor: orientedDigits()}, nil }},
	{"cells-oriented", "those of cells before the mean over D4, 512 features: for the Inv-FID", [3]int{64, 64, 3},
		func() (Network, error) { return Network{Extractor: orientedCells()}, nil }},
}

func orientedDigits() features.Extractor { return fd.OrientedDigits() }
func orientedCells() features.Extractor  { return fd.OrientedCells() }

// published is the beginning of the SHA-256 of the weights that FID is defined by: pytorch-fid's, converted from Google's.
const published = "6726825d"

// inceptionKind is what -features begins with where weights are in a file.
const inceptionKind = "inception:"

// Open opens the network that an argument names: one that comes with the program, or inception:FILE.
func Open(arg string) (Network, error) {
	for _, s := range Forms {
		if s.Name == arg {
			n, err := s.Open()
			if err == nil {
				n.Distance = DistanceName(n.Name())
			}
			return n, err
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
	return Network{Extractor: n, Distance: DistanceName(n.Name())}, nil
}

// OpenFor opens the network that an argument names for images of a shape, whose rows, columns and channels it must take; of "" the one
// for such images that comes with the program.
func OpenFor(arg string, h, w, c int) (Network, error) {
	if arg == "" {
		if arg = Default(h, w, c); arg == "" {
			return Network{}, cli.Usagef("there are no features of our own for images of %d×%d×%d; %s", h, w, c, instead(c))
		}
	}
	for _, s := range Forms {
		if s.Name == arg && s.Shape != [3]int{h, w, c} {
			return Network{}, cli.Usagef("the features %s are of images of %d×%d×%d; these are of %d×%d×%d", arg, s.Shape[0], s.Shape[1], s.Shape[2], h, w, c)
		}
	}
	if strings.HasPrefix(arg, inceptionKind) && c != 1 && c != 3 {
		return Network{}, cli.Usagef("the features of Inception are of images of 1 or 3 channels; these have %d", c)
	}
	return Open(arg)
}

// instead says what measures images of so many channels that no network of our own is for.
func instead(channels int) string {
	if channels == 1 || channels == 3 {
		return "take -features " + inceptionKind + "FILE, where FILE is pt_inception-2015-12-05-6726825d.pth, of pytorch-fid's releases"
	}
	return "and Inception takes 1 or 3 channels"
}

// DistanceName returns what a distance between features of a network is called, by the network's name alone. It is FID if the
// weights of Inception are those that it is defined by, and is named by the weights if they are others.
func DistanceName(features string) string {
	kind, label, _ := strings.Cut(features, "/")
	switch {
	case kind == "inception-v3" && label == published:
		return "FID"
	case kind == "inception-v3":
		return "FD-inception/" + label
	}
	return "FD-" + kind
}

// Help lists the networks, for -h.
func Help() string {
	var b strings.Builder
	for _, s := range Forms {
		fmt.Fprintf(&b, "  %-16s %s\n", s.Name, s.What)
	}
	fmt.Fprintf(&b, "  %-16s %s\n", inceptionKind+"FILE", "FID: pt_inception-2015-12-05-6726825d.pth, or a safetensors file of it")
	return b.String()
}

// Default returns the name of the first network that comes for images of a shape, "" if there is none.
func Default(h, w, c int) string {
	for _, s := range Forms {
		if s.Shape == [3]int{h, w, c} {
			return s.Name
		}
	}
	return ""
}
