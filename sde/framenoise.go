package sde

import (
	"fmt"
	"sync"

	"spdiff/group"
)

// A Tie says that an image has no frame of its own: several elements are as good as each other, as a rule for it has a
// symmetry. Its noise is turned by one of them, a guess, and its trajectory is equivariant only up to that symmetry.
type Tie struct {
	Image    int // its number
	Elements int // how many elements tie, of the group's Order
}

// String says which image ties and how much.
func (t Tie) String() string {
	return fmt.Sprintf("image %d has a symmetry of its own: %d elements tie for its frame", t.Image, t.Elements)
}

// Framed returns noise that moves with the images: κ*(y)·ε₁, κ*(y)·ε₂, … in place of ε₁, ε₂, …, where y is the image that a
// trajectory starts from (section 5.2 of Lu, Szabados & Yu, "Structure Preserving Diffusion Models"). If y becomes h·y, the
// noise becomes h times what it was; so a solution with an equivariant denoiser commutes with the group to the last bit,
// whatever the [Solver].
//
// It is for editing, with y the image that is edited, where the start's noise too must turn ([Start] is a draw like the
// others), and for any solution from a state y that is given. x holds the images y one after another, and images their
// numbers; the noise knows these numbers alone, and panics with an [*ArgumentError] at others. Images with several
// frames are reported as ties; those with a number that is not finite have none, and their noise is as it was.
//
// It panics with an [*ArgumentError] if x is not len(images) images of the shape of f, or if two images with different frames have
// the same number: the same noise would have to be turned in two ways.
func Framed(n Noise, f *group.Frame, x []float32, images []int) (Noise, []Tie) {
	h, w, c := f.Shape()
	size := h * w * c
	if len(x) != size*len(images) {
		panic(&ArgumentError{"Framed", fmt.Sprintf("x must hold %d images of %d×%d×%d, its length is", len(images), h, w, c), len(x)})
	}
	kappas := make(map[int]int, len(images))
	var ties []Tie
	for k, image := range images {
		kappa, elements := f.Of(x[k*size : (k+1)*size])
		if other, twice := kappas[image]; twice && other != kappa {
			panic(&ArgumentError{"Framed", "a number comes twice, with another frame", image})
		}
		kappas[image] = kappa
		if elements > 1 {
			ties = append(ties, Tie{image, elements})
		}
	}
	return turned(n, f, kappas), ties
}

// FramedGeneration returns noise for generation: the start is that of n, y = ε_T, and the later draws are turned by the frame
// of that start, as in [Framed]. What is generated from h·ε_T is h times what is generated from ε_T.
func FramedGeneration(n Noise, f *group.Frame, images []int) (Noise, []Tie) {
	h, w, c := f.Shape()
	size := h * w * c
	x := make([]float32, size*len(images))
	for k, image := range images {
		n(x[k*size:(k+1)*size], image, Start)
	}
	later, ties := Framed(n, f, x, images)
	return func(z []float32, image, draw int) {
		if draw == Start {
			n(z, image, draw)
			return
		}
		later(z, image, draw)
	}, ties
}

// turned returns κ·ε, with the κ of each image.
func turned(n Noise, f *group.Frame, kappas map[int]int) Noise {
	room := sync.Pool{New: func() any { return new([]float32) }}
	return func(z []float32, image, draw int) {
		kappa, ok := kappas[image]
		if !ok {
			panic(&ArgumentError{"Framed", "noise is known of the images that were given alone", image})
		}
		eps := room.Get().(*[]float32)
		defer room.Put(eps)
		*eps = resized(*eps, len(z))
		n(*eps, image, draw)
		f.Act(z, *eps, kappa)
	}
}

// resized returns a slice of length n, x itself if it has the room.
func resized(x []float32, n int) []float32 {
	if cap(x) < n {
		return make([]float32, n)
	}
	return x[:n]
}
