package sde

import (
	"fmt"
	"math"
	"slices"

	"spdiff/asm"
	"spdiff/group"
)

// A Network sets z to the value at time t of a network with any number of spatial inputs, each a batch of n images of the
// same pixels: inputs[0] is the state x, others are what it is conditioned on (the last prediction in self-conditioning, the
// other end of a bridge). They must not be changed. [Denoiser] is the case of one input.
type Network func(z []float32, inputs [][]float32, t float64) error

// Average returns the average of a denoiser over the group, the output combining of SPDiff+OC (eq. 12 of Lu, Szabados & Yu,
// "Structure Preserving Diffusion Models"; A_κ is the action of κ)
//
//	D̄(x, t) = 1/|G| Σ_κ A_κ⁻¹ D(A_κ x, t)
//
// which is equivariant whatever D is, to the last bit: see [AverageN].
func Average(g group.Group, h, w, c int, d Denoiser) Denoiser {
	return single(AverageN(g, h, w, c, several(d)))
}

// AverageN is [Average] of a network of several spatial inputs. All of them move with x; an input left as it is would break
// the guarantee. The images have h×w pixels, z and inputs[0] have c channels, and each other input has its own number.
//
// The sum over the group is the tree of [group.Group.Tree], for which turning x is an exchange of operands; 1/|G| is a power
// of two. The |G| evaluations are one call of f with |G|·n images: first all n moved by the first element of Tree(), then all
// moved by the second, and so on. So f's other arguments, such as classes, repeat |G| times.
//
// The result has buffers of its own, allocated in its first call: it is for one goroutine at a time. It panics with a
// [*group.ActionError] if g does not act on the images, and with an [*ArgumentError] if lengths are not of n images.
func AverageN(g group.Group, h, w, c int, f Network) Network {
	if err := g.Acts(h, w); err != nil {
		panic(err)
	}
	a := &average{group: g, pixels: h * w, channels: c, network: f}
	for _, k := range g.Tree() {
		a.there = append(a.there, g.Permutation(k, h, w))
		a.back = append(a.back, g.Permutation(g.Inverse(k), h, w))
	}
	return a.run
}

// An average is the state of AverageN.
type average struct {
	group            group.Group
	pixels, channels int
	network          Network
	there, back      [][]int32 // how the elements and their inverses move the pixels of an image, in the order of the tree

	n      int         // the images for which there are tables
	gather []int32     // of each pixel of |G|·n moved images: the one it comes from
	sum    []int32     // of each pixel of n images: the |G| of the network's output that are its average
	inputs [][]float32 // moved
	z      []float32   // the network's output
}

func (a *average) run(z []float32, inputs [][]float32, t float64) error {
	order := a.group.Order()
	a.prepare(images("AverageN", z, inputs, a.pixels, a.pixels*a.channels))
	a.inputs = slices.Grow(a.inputs[:0], len(inputs))[:len(inputs)]
	for j, x := range inputs {
		a.inputs[j] = resized(a.inputs[j], order*len(x))
		asm.Gather(a.inputs[j], x, a.gather)
	}
	a.z = resized(a.z, order*len(z))
	if err := a.network(a.z, a.inputs, t); err != nil {
		return err
	}
	asm.GatherSum(z, a.z, a.sum, order)
	asm.Scale(z, 1/float32(order), z)
	return nil
}

// prepare makes the tables for n images.
func (a *average) prepare(n int) {
	if a.n == n {
		return
	}
	if rows := float64(len(a.back)) * float64(n) * float64(a.pixels); rows > math.MaxInt32 {
		panic(&ArgumentError{"AverageN", "images, their pixels and the group's elements must have a product of at most 2³¹−1; there are", n})
	}
	a.n, a.gather, a.sum = n, a.gather[:0], a.sum[:0]
	for _, perm := range a.there {
		for i := range n {
			for _, q := range perm {
				a.gather = append(a.gather, int32(i*a.pixels)+q)
			}
		}
	}
	for i := range n {
		for p := range a.pixels {
			for k, perm := range a.back {
				a.sum = append(a.sum, int32((k*n+i)*a.pixels)+perm[p])
			}
		}
	}
}

// images returns how many images there are in a network's inputs, the first of which have size numbers each as z has. It
// panics with an [*ArgumentError] if the others are not the same number of images, of that number of pixels.
func images(what string, z []float32, inputs [][]float32, pixels, size int) int {
	if len(inputs) == 0 || len(inputs[0]) == 0 || len(inputs[0])%size != 0 {
		panic(&ArgumentError{what, fmt.Sprintf("inputs[0] must hold images of %d numbers; there are", size), lengths(inputs)})
	}
	n := len(inputs[0]) / size
	if len(z) != n*size {
		panic(&ArgumentError{what, fmt.Sprintf("z must hold %d images of %d numbers; its length is", n, size), len(z)})
	}
	for _, x := range inputs[1:] {
		if len(x) == 0 || len(x)%(n*pixels) != 0 {
			panic(&ArgumentError{what, fmt.Sprintf("every input must hold %d images of %d pixels; there are", n, pixels), lengths(inputs)})
		}
	}
	return n
}

func lengths(inputs [][]float32) (n []int) {
	for _, x := range inputs {
		n = append(n, len(x))
	}
	return n
}

// several returns a denoiser as a network of one input.
func several(d Denoiser) Network {
	return func(z []float32, inputs [][]float32, t float64) error { return d(z, inputs[0], t) }
}

// single returns a network of one input as a denoiser.
func single(f Network) Denoiser {
	inputs := make([][]float32, 1)
	return func(z, x []float32, t float64) error {
		inputs[0] = x
		return f(z, inputs, t)
	}
}
