package fd

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"spdiff/group"
	"spdiff/nn/features"
	"spdiff/tensor"
)

// noise returns n images of numbers in [−1, 1) of a size.
func noise(seed uint64, n, side, c int) *tensor.Tensor {
	x := tensor.New(n, side, side, c)
	tensor.NewStream(seed, 0).Uniform(x.Data(), 0)
	for i, v := range x.Data() {
		x.Data()[i] = 2*v - 1
	}
	return x
}

// moved returns a·x for each image of x.
func moved(g group.Group, a int, x *tensor.Tensor) *tensor.Tensor {
	s := x.Shape()
	z := tensor.New(s...)
	g.Act(z.Data(), x.Data(), a, s[0], s[1], s[2], s[3])
	return z
}

func of(t *testing.T, e features.Extractor, x *tensor.Tensor) []float32 {
	t.Helper()
	z, err := e.Of(context.Background(), x)
	if err != nil {
		t.Fatal(err)
	}
	return z.Data()
}

// Features are those of a moved image, to the last bit, and of no mirror image where the group has no mirrors.
func TestInvariance(t *testing.T) {
	for _, c := range []struct {
		network features.Extractor
		group   group.Group
		x       *tensor.Tensor
	}{{Digits(), group.C4, noise(1, 5, 28, 1)}, {Cells(), group.D4, noise(2, 3, 64, 3)}} {
		want := of(t, c.network, c.x)
		if slices.Min(want) == slices.Max(want) {
			t.Errorf("%s: all features are equal", c.network.Name())
		}
		for a := range group.D4.Order() {
			got := of(t, c.network, moved(group.D4, a, c.x))
			same := slices.Equal(got, want)
			if in := a < c.group.Order(); same != in { // the elements of D4 begin with those of C4
				t.Errorf("%s: under %s of D4 the features' bits are the same: %v", c.network.Name(), group.D4.ElementName(a), same)
			}
		}
	}
}

// Oriented features of a moved image are those of the image with the planes moved, to the last bit. They are others: they tell how it lies.
func TestOrientedPlanesMove(t *testing.T) {
	const plane = 64
	for _, c := range []struct {
		network *Oriented
		group   group.Group
		x       *tensor.Tensor
	}{{OrientedDigits(), group.C4, noise(1, 3, 28, 1)}, {OrientedCells(), group.D4, noise(2, 2, 64, 3)}} {
		f, dim, elements := of(t, c.network, c.x), c.network.Dim(), c.group.Halves()
		if dim != plane*c.group.Order() {
			t.Fatalf("%s: %d features", c.network.Name(), dim)
		}
		for a := range c.group.Order() {
			got, want := of(t, c.network, moved(c.group, a, c.x)), make([]float32, len(f))
			for at := 0; at < len(f); at += dim {
				for k, g := range elements {
					to := slices.Index(elements, c.group.Mul(a, g))
					copy(want[at+to*plane:], f[at+k*plane:at+(k+1)*plane])
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: under %s the features are not those of the image in other places", c.network.Name(), c.group.ElementName(a))
			}
			if a > 0 && slices.Equal(got, f) {
				t.Errorf("%s: under %s nothing has moved", c.network.Name(), c.group.ElementName(a))
			}
		}
	}
}

// bars returns n images with a bar out of the middle, each longer than the one before, on paper.
func bars(n, side, c int, paper, ink float32) *tensor.Tensor {
	x := tensor.New(n, side, side, c)
	for i := range n {
		for p := range side * side {
			v, row, column := paper, p/side, p%side
			if row/3 == side/12 && column >= side/4 && column < side/2+i {
				v = ink
			}
			for k := range c {
				x.At(i).Data()[p*c+k] = v
			}
		}
	}
	return x
}

// The mean of oriented features over the planes is the invariant features, but for rounding.
func TestOrientedMean(t *testing.T) {
	for _, c := range []struct {
		network, mean features.Extractor
		x             *tensor.Tensor
	}{{OrientedDigits(), Digits(), bars(3, 28, 1, -1, 1)}, {OrientedCells(), Cells(), bars(3, 64, 3, 0.7, -0.2)}} {
		f, want := of(t, c.network, c.x), of(t, c.mean, c.x)
		planes := c.network.Dim() / c.mean.Dim()
		for i, w := range want {
			image, k := i/c.mean.Dim(), i%c.mean.Dim()
			sum, size := 0.0, 1.0
			for p := range planes {
				v := float64(f[image*c.network.Dim()+p*c.mean.Dim()+k])
				sum, size = sum+v, max(size, math.Abs(v))
			}
			if got := sum / float64(planes); math.Abs(got-float64(w)) > 1e-3*size {
				t.Errorf("%s, image %d: the mean of feature %d is %v, and %s has %v", c.network.Name(), image, k, got, c.mean.Name(), w)
			}
		}
	}
}

// An image has its features in any batch.
func TestBatches(t *testing.T) {
	x := noise(3, inOneRun+3, 28, 1)
	all := of(t, Digits(), x)
	for _, i := range []int{0, inOneRun - 1, inOneRun, inOneRun + 2} {
		one := tensor.From(x.At(i).Data(), 1, 28, 28, 1)
		if !slices.Equal(of(t, Digits(), one), all[i*digitDim:(i+1)*digitDim]) {
			t.Errorf("image %d has other features by itself", i)
		}
	}
}

// Classes stay and orientations follow: that of g·x is g times that of x.
func TestClassifyAndOrientation(t *testing.T) {
	ctx, g, x := context.Background(), group.C4, noise(4, 12, 28, 1)
	classes, err := Digits().Classify(ctx, x)
	turns, err2 := Digits().Orientation(ctx, x)
	if err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
	for a := range g.Order() {
		y := moved(g, a, x)
		c, _ := Digits().Classify(ctx, y)
		o, _ := Digits().Orientation(ctx, y)
		if !slices.Equal(c, classes) {
			t.Errorf("turned by %s: classes %v, want %v", g.ElementName(a), c, classes)
		}
		for i := range o {
			if want := g.Mul(a, turns[i]); o[i] != want {
				t.Errorf("turned by %s: image %d is turned by %d, want %d", g.ElementName(a), i, o[i], want)
			}
		}
	}
}

// The networks that come with the program are those that docs/features.md names, and small.
func TestNames(t *testing.T) {
	for _, c := range []struct {
		network features.Extractor
		want    string
		file    []byte
	}{{Digits(), "digits/1115aa28", digitWeights}, {Cells(), "cells/7ab48528", cellWeights}} {
		if got := c.network.Name(); got != c.want || c.network.Dim() != 64 || len(c.file) >= 1<<20 {
			t.Errorf("%s of %d features and %d bytes, want %s", got, c.network.Dim(), len(c.file), c.want)
		}
	}
	if a, b := OrientedDigits().Name(), OrientedCells().Name(); a != "digits-oriented/1115aa28" || b != "cells-oriented/7ab48528" {
		t.Errorf("the oriented networks are %s and %s", a, b)
	}
}

// A wrong shape is a panic, a number that is not finite and a context that ends are errors.
func TestErrors(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	for _, s := range []tensor.Shape{{1, 28, 28}, {1, 28, 28, 3}, {1, 32, 28, 1}, {1, 64, 64, 3}} {
		func() {
			defer func() {
				if e, ok := recover().(*features.ImagesError); !ok || !strings.Contains(e.Error(), "it takes (N, 28, 28, 1)") {
					t.Errorf("images %v: %v", s, e)
				}
			}()
			Digits().Classify(ctx, tensor.New(s...))
		}()
	}
	x := noise(5, 2, 28, 1)
	x.Data()[800] = float32(math.NaN())
	if _, err := Digits().Of(ctx, x); err == nil || !strings.Contains(err.Error(), "image 1") {
		t.Errorf("a NaN: %v", err)
	}
	cancel()
	if _, err := Digits().Orientation(ctx, noise(5, 2, 28, 1)); !errors.Is(err, context.Canceled) {
		t.Errorf("a context that has ended: %v", err)
	}
	if none, err := Digits().Of(context.Background(), tensor.New(0, 28, 28, 1)); err != nil || none.Len() != 0 {
		t.Errorf("no images: %v, %v", none, err)
	}
}

// A file that is not the network's is an error that says why.
func TestFiles(t *testing.T) {
	if _, err := NewDigits(cellWeights); err == nil || !strings.Contains(err.Error(), "tensors; the network has") {
		t.Errorf("the cells' weights: %v", err)
	}
	if _, err := NewCells(digitWeights[:len(digitWeights)-1]); err == nil {
		t.Error("a file that is cut off is read")
	}
	if _, err := NewOrientedDigits(cellWeights); err == nil || !strings.Contains(err.Error(), "tensors; the network has") {
		t.Errorf("the cells' weights for oriented digits: %v", err)
	}
	if _, err := NewOrientedCells(digitWeights); err == nil || !strings.Contains(err.Error(), "tensors; the network has") {
		t.Errorf("the digits' weights for oriented cells: %v", err)
	}
	f, _, err := read(cellWeights)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, want string }{{"other", "has no 1.weight"}, {"1.bias", "the file's 1.bias is"}} {
		g := *f
		g.Tensors = slices.Clone(f.Tensors)
		g.Tensors[0].Name, g.Tensors[1].Name = c.name, "1.bias"
		if c.name == "1.bias" {
			g.Tensors[0].Name, g.Tensors[1] = "1.weight", g.Tensors[2]
			g.Tensors[1].Name = "1.bias"
		}
		if err := setWeights(newCellNet().params(), &g); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want %q", c.name, err, c.want)
		}
	}
}
