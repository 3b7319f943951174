package nn

import (
	"slices"

	"spdiff/autodiff"
	"spdiff/tensor"
)

// A channelOrder says where the channels of a field stand in a file: channel i of the plane of element h at i·|G| + h, so that
// the planes of a channel are neighbours, and a PyTorch GroupNorm over neighbours is one over planes; or, apart, plane after
// plane, as the heads of attention are, each of which is in one plane.
type channelOrder struct {
	planes, plane int // how many, and of how many channels
	apart         bool
}

func orderOf(f Field) channelOrder { return channelOrder{f.Planes(), f.Plane(), false} }

// split returns the element and the channel that stand at place f.
func (o channelOrder) split(f int) (element, channel int) {
	if o.apart {
		return f / o.plane, f % o.plane
	}
	return f % o.planes, f / o.planes
}

// A planeKernel is the kernel of a convolution from or to regular fields. It has one weight for each orbit of a group on triples
// (tap, plane of the input, plane of the output). All orbits have |G| members: one has the plane e of the output, or of the input
// if the output is scalar, and names the weight. Its value is (orbits, in, out), in and out being channels of a plane. Orbit
// h·taps + t is that of tap t from plane h to plane e; if one of the fields is scalar, orbit t is that of tap t. The weights of
// all triples are
//
//	w[t,(k,i),(g,j)] = value[(g⁻¹k, g⁻¹t), i, j]
//
// Between regular fields w has the first half of the planes of the input, as autodiff.GroupConv wants it.
type planeKernel struct {
	in, out Field
	taps    tensor.PlaneKernel
	mirror  []int     // the number of n·t
	moved   [][]int32 // moved[a][t] is the number of a⁻¹·t
	rows    []int32   // of value that w consists of: a row has the channels of a plane
}

func newPlaneKernel(in, out Field, size int) *planeKernel {
	g := in.Grid.group
	k := &planeKernel{in: in, out: out}
	for _, orbit := range tensor.Dense(size, size) {
		k.taps.Taps = append(k.taps.Taps, orbit[0])
	}
	for a := range g.Order() {
		k.moved = append(k.moved, g.Permutation(a, size, size))
	}
	elements := g.Halves() // in the order of their planes, which is that of tensor.GroupKernel
	for _, a := range elements {
		var order []int
		for _, t := range k.moved[g.Inverse(a)] {
			order = append(order, int(t))
		}
		k.taps.Orders = append(k.taps.Orders, order)
	}
	k.mirror = k.taps.Orders[len(elements)/2]
	for t := range k.taps.Taps {
		for i := range k.given() {
			for to := range out.Planes() {
				from := elements[i/in.Plane()]
				k.rows = append(k.rows, int32(k.orbit(t, from, elements[to])*in.Plane()+i%in.Plane()))
			}
		}
	}
	return k
}

// given is the number of channels of the input whose weights w has.
func (k *planeKernel) given() int {
	if k.regular() {
		return k.in.Channels / 2
	}
	return k.in.Channels
}

// regular reports whether both fields are.
func (k *planeKernel) regular() bool { return k.in.Planes() == k.out.Planes() }

// orbit returns the number of the orbit of tap t from the plane of one element to that of another.
func (k *planeKernel) orbit(t, from, to int) int {
	g := k.in.Grid.group
	switch {
	case k.in.Planes() == 1:
		return int(k.moved[to][t])
	case k.out.Planes() == 1:
		return int(k.moved[from][t])
	}
	return g.Mul(g.Inverse(to), from)*len(k.taps.Taps) + int(k.moved[to][t])
}

// orbits is the number of orbits.
func (k *planeKernel) orbits() int {
	if k.regular() {
		return k.in.Planes() * len(k.taps.Taps)
	}
	return len(k.taps.Taps)
}

// weight returns the parameter, whose channels stand in a file as in and out say.
func (k *planeKernel) weight(name string, s start, size int, in, out channelOrder, as stored) *Param {
	cin, cout := k.in.Plane(), k.out.Plane()
	p := Param{Name: name, File: as.shape(k.out.Channels, k.in.Channels, size), start: s}
	p.at = func(o, i, t int) int {
		g, j := out.split(o)
		h, i := in.split(i)
		return (k.orbit(t, h, g)*cin+i)*cout + j
	}
	return newParam(p, k.orbits(), cin, cout)
}

// apply returns the convolution of x with weights (orbits, in, out) and a bias for the channels of a plane, which may be nil.
func (k *planeKernel) apply(in autodiff.In, x, w, bias *autodiff.Node) *autodiff.Node {
	s := w.Shape()
	w = autodiff.Repeat(autodiff.Reshape(w, s[0]*s[1], s[2]), k.rows)
	w = autodiff.Reshape(w, len(k.taps.Taps), k.given(), k.out.Channels)
	if bias != nil {
		bias = everyPlane(bias, k.out)
	}
	if !k.regular() {
		return in.PlaneConv(x, w, bias, k.in.Planes(), k.out.Planes(), k.taps)
	}
	half := k.taps.Orders[:k.in.Planes()/2]
	return in.GroupConv(x, w, bias, tensor.GroupKernel{Taps: k.taps.Taps, Mirror: k.mirror, Orders: half})
}

// planeVector returns a parameter with a number for each channel of a plane, which stands in a file for all planes.
func planeVector(name string, s start, o channelOrder) *Param {
	if o.planes == 1 {
		return vector(name, s, o.plane)
	}
	p := Param{Name: name, File: tensor.Shape{o.planes * o.plane}, start: s}
	p.at = func(f, _, _ int) int { _, channel := o.split(f); return channel }
	return newParam(p, o.plane)
}

// everyPlane gives all planes of f the channels of x, (…, plane) to (…, channels).
func everyPlane(x *autodiff.Node, f Field) *autodiff.Node {
	if f.Planes() == 1 {
		return x
	}
	lead := x.Shape()[:len(x.Shape())-1]
	x = autodiff.Reshape(x, slices.Concat(lead, []int{1, f.Plane()})...)
	x = autodiff.Expand(x, slices.Concat(lead, []int{f.Planes(), f.Plane()})...)
	return autodiff.Reshape(x, slices.Concat(lead, []int{f.Channels})...)
}

// concatPlanes joins feature maps (N, H, W, C) plane by plane.
func concatPlanes(planes int, x ...*autodiff.Node) *autodiff.Node {
	if planes == 1 {
		return autodiff.Concat(x...)
	}
	s := slices.Clone(x[0].Shape())
	s[3] = 0
	apart := make([]*autodiff.Node, len(x))
	for i, v := range x {
		c := v.Shape()[3]
		apart[i] = autodiff.Reshape(v, s[0], s[1], s[2], planes, c/planes)
		s[3] += c
	}
	return autodiff.Reshape(autodiff.Concat(apart...), s...)
}
