package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"testing"

	"spdiff"
	"spdiff/cmd/internal/cells"
	"spdiff/cmd/internal/dataset"
	"spdiff/cmd/internal/digits"
	"spdiff/cmd/internal/idx"
	"spdiff/group"
	"spdiff/nn/fd"
	"spdiff/nn/features"
	"spdiff/tensor"
	"spdiff/tensor/metrics"
)

// take returns images from … to−1 of a source and their classes.
func take(t *testing.T, s spdiff.Source, from, to int) (*tensor.Tensor, []int) {
	t.Helper()
	h, w, c := s.Shape()
	x, classes := tensor.New(to-from, h, w, c), make([]int, to-from)
	for i := range classes {
		class, err := s.Image(x.At(i).Data(), from+i)
		if err != nil {
			t.Fatal(err)
		}
		classes[i] = class
	}
	return x, classes
}

// moved returns a·x of each image, a an element of D4.
func moved(x *tensor.Tensor, a int) *tensor.Tensor {
	s := x.Shape()
	z := tensor.New(s...)
	group.D4.Act(z.Data(), x.Data(), a, s[0], s[1], s[2], s[3])
	return z
}

// mirror is the left-right mirror of D4.
const mirror = 4

// blurred returns images whose pixels are means with their neighbours to the right and below.
func blurred(x *tensor.Tensor) *tensor.Tensor {
	s := x.Shape()
	z := tensor.New(s...)
	at := func(n, r, q, c int) float32 {
		return x.Data()[((n*s[1]+min(r, s[1]-1))*s[2]+min(q, s[2]-1))*s[3]+c]
	}
	for i := range z.Data() {
		c, q, r, n := i%s[3], i/s[3]%s[2], i/s[3]/s[2]%s[1], i/(s[1]*s[2]*s[3])
		z.Data()[i] = (at(n, r, q, c) + at(n, r, q+1, c) + at(n, r+1, q, c) + at(n, r+1, q+1, c)) / 4
	}
	return z
}

// noisy returns x with noise of a deviation, within [−1, 1].
func noisy(x *tensor.Tensor, deviation float32) *tensor.Tensor {
	z := tensor.New(x.Shape()...)
	tensor.NewStream(1, 1).Normal(z.Data(), 0)
	for i, v := range z.Data() {
		z.Data()[i] = min(max(x.Data()[i]+deviation*v, -1), 1)
	}
	return z
}

// statistics returns those of the features of images.
func statistics(t *testing.T, e features.Extractor, x *tensor.Tensor) *metrics.Statistics {
	t.Helper()
	z, err := e.Of(context.Background(), x)
	if err != nil {
		t.Fatal(err)
	}
	m := metrics.NewMoments(e.Name(), e.Dim(), 0, 0, 1)
	if err := m.Add(z); err != nil {
		t.Fatal(err)
	}
	s, err := m.Statistics()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A line is a set of images that are compared with others of the same law as the reference's, by how much further away they must be.
type line struct {
	name   string
	x      *tensor.Tensor
	factor float64
}

// compare checks the distances from a set of images to others: another one of the same law is near, and each line far.
func compare(t *testing.T, e features.Extractor, set, other *tensor.Tensor, lines []line) {
	t.Helper()
	s := statistics(t, e, set)
	distance := func(x *tensor.Tensor) float64 {
		d, err := metrics.Distance(s, statistics(t, e, x))
		if err != nil {
			t.Fatal(err)
		}
		return d.Distance
	}
	near := distance(other)
	t.Logf("%s, %d and %d images: %.4f of one law", e.Name(), set.Shape()[0], other.Shape()[0], near)
	for _, l := range lines {
		d := distance(l.x)
		t.Logf("%s: %.4f, %.1f times that", l.name, d, d/near)
		if d < l.factor*near {
			t.Errorf("%s: %s is only %.1f times as far as images of one law are, want %v", e.Name(), l.name, d/near, l.factor)
		}
	}
	if d := distance(moved(other, 1)); d != near {
		t.Errorf("%s: turned images are at %v, upright ones at %v", e.Name(), d, near)
	}
}

// inverse returns how far images are from their turned copies, the paper's Inv-FID.
func inverse(t *testing.T, e features.Extractor, g group.Group, x *tensor.Tensor) float64 {
	t.Helper()
	var copies []*metrics.Statistics
	for a := range g.Order() { // D4's elements begin with those of C4
		copies = append(copies, statistics(t, e, moved(x, a)))
	}
	d, err := metrics.InverseDistance(t.Context(), copies)
	if err != nil {
		t.Fatal(err)
	}
	return d.Largest
}

// turned returns images each of which is moved by an element of a group, one after another.
func turned(g group.Group, x *tensor.Tensor) *tensor.Tensor {
	s, z := x.Shape(), tensor.New(x.Shape()...)
	for i := range s[0] {
		g.Act(z.At(i).Data(), x.At(i).Data(), i%g.Order(), 1, s[1], s[2], s[3])
	}
	return z
}

// orbit returns the first n images in all their turned copies.
func orbit(g group.Group, x *tensor.Tensor, n int) *tensor.Tensor {
	s := x.Shape()
	first, z := tensor.From(x.Data()[:n*s[1]*s[2]*s[3]], n, s[1], s[2], s[3]), tensor.New(n*g.Order(), s[1], s[2], s[3])
	for a := range g.Order() {
		copy(z.Data()[a*first.Len():], moved(first, a).Data())
	}
	return z
}

// smeared returns images each of whose pixels is a mean of four, side by side.
func smeared(x *tensor.Tensor) *tensor.Tensor {
	s, z := x.Shape(), tensor.New(x.Shape()...)
	for i := range z.Data() {
		row, q, c := i/(s[2]*s[3])*s[2]*s[3], i/s[3]%s[2], i%s[3]
		for k := range 4 {
			z.Data()[i] += x.Data()[row+min(q+k, s[2]-1)*s[3]+c] / 4
		}
	}
	return z
}

// Oriented features tell a set that lies one way, digits that stand upright and cells that are smeared sideways, from the same in any
// orientation; what has all its turned copies is at exactly 0 from them. The features without orientation tell nothing.
func TestOriented(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: Inv-FD is not measured")
	}
	upright, _ := take(t, digits.New(1, 256), 0, 256)
	tissue, _ := take(t, cells.New(1, 64), 0, 64)
	for _, c := range []struct {
		oriented, mean features.Extractor
		group          group.Group
		one            *tensor.Tensor // that lie one way
		factor         float64
	}{
		{fd.OrientedDigits(), fd.Digits(), group.C4, upright, 3},
		{fd.OrientedCells(), fd.Cells(), group.D4, smeared(tissue), 1.5},
	} {
		one, random := inverse(t, c.oriented, c.group, c.one), inverse(t, c.oriented, c.group, turned(c.group, c.one))
		t.Logf("%s, %d images: one way %.4f, any way %.4f", c.oriented.Name(), c.one.Shape()[0], one, random)
		if one < c.factor*random || random <= 0 {
			t.Errorf("%s: images that lie one way are at %v from themselves turned, in any orientation at %v", c.oriented.Name(), one, random)
		}
		if d := inverse(t, c.oriented, c.group, orbit(c.group, c.one, 8)); d != 0 {
			t.Errorf("%s: images in all orientations are at %v from themselves turned", c.oriented.Name(), d)
		}
		if d := inverse(t, c.mean, c.group, c.one); d != 0 {
			t.Errorf("%s: images that lie one way are at %v from themselves turned", c.mean.Name(), d)
		}
	}
}

// Generated cells are near to other ones, in whatever orientation, and far from damaged ones and from those of one class.
func TestCells(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: FD-cells is not measured")
	}
	const n = 256
	set, _ := take(t, cells.New(1, n), 0, n)
	other, classes := take(t, cells.New(2, n), 0, n)
	var negative []float32
	for i, c := range classes {
		if c == 0 {
			negative = append(negative, other.At(i).Data()...)
		}
	}
	compare(t, fd.Cells(), set, other, []line{
		{"blurred", blurred(other), 2},
		{"noise of 0.1", noisy(other, 0.1), 1.1},
		{"without brown cells", tensor.From(negative, len(negative)/len(set.At(0).Data()), cells.Side, cells.Side, 3), 2},
	})
	if d := statistics(t, fd.Cells(), set); d.Images != n || !slices.Equal(d.Mean, statistics(t, fd.Cells(), moved(set, mirror)).Mean) {
		t.Error("mirrored cells have other features")
	}
}

// Crops of real tissue, of which the network has seen none, are near to others of the same sections, and far from damaged and from
// generated ones.
func TestTissue(t *testing.T) {
	folder := os.Getenv("SPDIFF_DATA")
	if folder == "" || testing.Short() {
		t.Skip("SKIPPED: FD-cells of real tissue is not measured; SPDIFF_DATA does not name a folder with ihc/")
	}
	const n = 500
	var sets [2]*tensor.Tensor
	for i := range sets {
		s, err := dataset.Open(t.Context(), fmt.Sprintf("crops:%s/ihc?size=64&n=%d&scale=0.5&seed=%d", folder, n, i))
		if err != nil {
			t.Fatal(err)
		}
		sets[i], _ = take(t, s, 0, n)
	}
	made, _ := take(t, cells.New(1, n), 0, n)
	compare(t, fd.Cells(), sets[0], sets[1], []line{
		{"blurred", blurred(sets[1]), 1.7}, {"noise of 0.1", noisy(sets[1], 0.1), 1.2}, {"generated cells", made, 5},
	})
}

// What the program says of MNIST's test digits, of which the network has seen none.
func TestMNIST(t *testing.T) {
	folder := os.Getenv("SPDIFF_DATA")
	if folder == "" || testing.Short() {
		t.Skip("SKIPPED: the digits' network is not measured; SPDIFF_DATA does not name a folder with mnist/")
	}
	s, err := idx.OpenFile(folder + "/mnist/t10k-images-idx3-ubyte.gz")
	if err != nil {
		t.Fatal(err)
	}
	n, ctx := s.Len(), context.Background()
	x, classes := take(t, s, 0, n)
	got, err := fd.Digits().Classify(ctx, x)
	turns, err2 := fd.Digits().Orientation(ctx, x)
	if err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
	right, upright := 0, 0
	for i, c := range classes {
		if got[i] == c {
			right++
		}
		if turns[i] == 0 {
			upright++
		}
	}
	t.Logf("%s: %d of %d digits are right, %d upright", fd.Digits().Name(), right, n, upright)
	if right < n*99/100 || upright < n*9/10 {
		t.Errorf("%d of %d digits are right, %d upright", right, n, upright)
	}
	for a := 1; a < 4; a++ {
		first := tensor.From(x.Data()[:64*28*28], 64, 28, 28, 1)
		if z, err := fd.Digits().Classify(ctx, moved(first, a)); err != nil || !slices.Equal(z, got[:64]) {
			t.Errorf("turned by %s: other classes, %v", group.D4.ElementName(a), err)
		}
	}
}

// Halves of MNIST's test digits are near to each other, in whatever orientation, and far from mirrored, damaged and generated ones.
func TestMNISTDistances(t *testing.T) {
	folder := os.Getenv("SPDIFF_DATA")
	if folder == "" || testing.Short() {
		t.Skip("SKIPPED: FD-digits is not measured; SPDIFF_DATA does not name a folder with mnist/")
	}
	s, err := idx.OpenFile(folder + "/mnist/t10k-images-idx3-ubyte.gz")
	if err != nil {
		t.Fatal(err)
	}
	var even, odd []float32 // of one law; the set's first half is of other writers than its second
	const size = 28 * 28
	x, _ := take(t, s, 0, s.Len())
	for i := range s.Len() / 2 {
		even, odd = append(even, x.At(2*i).Data()...), append(odd, x.At(2*i+1).Data()...)
	}
	set, other := tensor.From(even, len(even)/size, 28, 28, 1), tensor.From(odd, len(odd)/size, 28, 28, 1)
	half := slices.Clone(odd)
	copy(half, moved(tensor.From(odd[:len(odd)/2], len(odd)/2/size, 28, 28, 1), mirror).Data())
	written, _ := take(t, digits.New(1, 5000), 0, 5000)
	compare(t, fd.Digits(), set, other, []line{
		{"half of them mirrored", tensor.From(half, len(half)/size, 28, 28, 1), 5},
		{"mirrored", moved(other, mirror), 5},
		{"blurred", blurred(other), 2},
		{"noise of 0.1", noisy(other, 0.1), 2},
		{"noise of 0.3", noisy(other, 0.3), 5},
		{"generated digits", written, 5},
	})
}
