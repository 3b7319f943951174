package evaluation

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"spdiff/cmd/internal/grid"
	"spdiff/group"
	"spdiff/tensor"
)

// A distance is named by its features, and FID by its weights alone.
func ExampleDistanceName() {
	for _, name := range []string{"digits/4d059443", "cells/1", "cells-oriented/1", "inception-v3/6726825d", "inception-v3/00000000", "inception-v3/6726825d/unrounded"} {
		fmt.Println(DistanceName(name))
	}
	// Output:
	// FD-digits
	// FD-cells
	// FD-cells-oriented
	// FID
	// FD-inception/00000000
	// FD-inception/6726825d/unrounded
}

// flat is a network of no features to speak of.
type flat struct{}

func (flat) Name() string { return "flat/1" }
func (flat) Dim() int     { return 1 }
func (flat) Of(_ context.Context, x *tensor.Tensor) (*tensor.Tensor, error) {
	return tensor.New(x.Shape()[0], 1), nil
}

// A sized network has so many features.
type sized struct {
	flat
	dim int
}

func (s sized) Dim() int { return s.dim }

// Ten distances more come by themselves where a distance takes no second: up to 512 features.
func TestFolds(t *testing.T) {
	for dim, want := range map[int]int{1: 10, 512: 10, 513: 0, 2048: 0} {
		if got := (Network{Extractor: sized{dim: dim}}).Folds(); got != want {
			t.Errorf("%d features: %d folds, want %d", dim, got, want)
		}
	}
}

// A context that has ended ends the opening of images, be they samples or a reference.
func TestOpenEnds(t *testing.T) {
	folder := t.TempDir()
	if err := grid.WriteSingle(filepath.Join(folder, "a.png"), make([]float32, 64), 8, 8, 1); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := OpenImages(ctx, "-samples", folder); !errors.Is(err, context.Canceled) || !strings.HasPrefix(err.Error(), "-samples: ") {
		t.Error(err)
	}
	if _, err := OpenReference(ctx, folder); !errors.Is(err, context.Canceled) || !strings.HasPrefix(err.Error(), "-reference: ") {
		t.Error(err)
	}
}

// Every network of ours whose features do not change as images turn has others for Inv-FID, which are a form of their own and do; and it is
// the one that images of its shape get.
func TestInverseBy(t *testing.T) {
	for _, form := range Forms {
		n, err := form.Open()
		if err != nil {
			t.Fatal(err)
		}
		by := n.InverseBy()
		if (by != nil) != (n.Invariant != group.C1) {
			t.Errorf("%s: invariant under %v, and for Inv-FID there is %v", form.Name, n.Invariant, by)
		}
		if by == nil {
			continue
		}
		same, err := Open(form.Name + "-oriented")
		if err != nil || same.Name() != by.Name() || same.Invariant != group.C1 {
			t.Errorf("%s: Inv-FID is of %s, and the form is %s, %v", form.Name, by.Name(), same.Name(), err)
		}
		if got := Default(form.Shape[0], form.Shape[1], form.Shape[2]); got != form.Name {
			t.Errorf("images of %v get %s", form.Shape, got)
		}
	}
}

func TestForms(t *testing.T) {
	old := Forms
	defer func() { Forms = old }()
	Forms = []Form{{"flat", "nothing", [3]int{3, 3, 1}, func() (Network, error) { return Network{Extractor: flat{}}, nil }}}
	if name := Default(3, 3, 1); name != "flat" {
		t.Errorf("for 3×3: %q", name)
	}
	if name := Default(3, 3, 3); name != "" {
		t.Errorf("for colour: %q", name)
	}
	if n, err := Open("flat"); err != nil || n.Distance != "FD-flat" {
		t.Errorf("%+v, %v", n, err)
	}
	if _, err := Open("inception:/nowhere"); err == nil || !strings.Contains(err.Error(), "/nowhere") {
		t.Errorf("no file: %v", err)
	}
	if _, err := Open("other"); err == nil || !strings.Contains(err.Error(), "inception:FILE") {
		t.Errorf("no network: %v", err)
	}
	if n, err := OpenFor("", 3, 3, 1); err != nil || n.Distance != "FD-flat" {
		t.Errorf("for 3×3: %+v, %v", n, err)
	}
	for arg, want := range map[string]string{"flat": "are of images of 3×3×1; these are of 3×3×2", "inception:/nowhere": "these have 2", "": "Inception takes 1 or 3"} {
		if _, err := OpenFor(arg, 3, 3, 2); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s for 3×3×2: %v", arg, err)
		}
	}
	for channels, takes := range map[int]bool{1: true, 2: false, 3: true} { // as Inception does
		_, err := OpenFor("", 5, 5, channels)
		if err == nil || strings.Contains(err.Error(), "inception:FILE") != takes || strings.Contains(err.Error(), "flat") {
			t.Errorf("for 5×5×%d: %v", channels, err)
		}
	}
	if !strings.Contains(Help(), "flat") {
		t.Error("the help does not name it")
	}
}
