package autodiff

import (
	"fmt"
	"math"

	"spdiff/tensor"
)

// Dropout returns x with each number set to zero with probability rate, independently, and else multiplied by 1/(1 − rate)
// (Srivastava et al., 2014). The rate is rounded to a multiple of 2⁻¹⁶; with 0, Dropout is x itself.
//
// Whether a number of image i is dropped depends on the image's key, row i of key (N, 2), on the salt, which differs between the
// dropouts of a network, and on its place in the image; not on the batch. The random stream has the seed salt and the number
// key[i,0] + 2²⁴·key[i,1], both parts whole numbers below 2²⁴. Each number of the image takes half a word of it, the
// lower half first, and is dropped where that is below 2¹⁶·rate.
//
// x is (N, …). Building it panics with a *ShapeError if the shapes do not fit or the rate is not in [0, 1), and a run with a
// *KeyError if a key is not of such numbers.
func Dropout(x, key *Node, salt uint32, rate float64) *Node {
	s, ks := x.Shape(), key.Shape()
	if len(s) < 2 || !ks.Equal(tensor.Shape{s[0], 2}) || !(rate >= 0 && rate < 1) {
		panic(&ShapeError{"dropout", []tensor.Shape{s, ks}, fmt.Sprintf("the shapes must be (N, …) and (N, 2), and the rate %v in [0, 1)", rate)})
	}
	below := min(uint32(math.Round(rate*halfWords)), halfWords-1)
	if below == 0 {
		return x
	}
	return masked(x, dropoutMask(key, salt, below, size(s)/s[0]), halfWords/float32(halfWords-below))
}

const (
	halfWords = 1 << 16 // values of half a word
	maskBits  = 16      // bits of a mask in one number
)

// dropoutMask returns for each image a mask of n bits, one for what is kept, 16 of them as a whole number. So it takes a
// sixteenth of the memory of what it masks, and stays there for the backward pass, which need not draw it again.
func dropoutMask(key *Node, salt, below uint32, n int) *Node {
	images, length := key.Shape()[0], (n+maskBits-1)/maskBits
	shape := tensor.Shape{images, length}
	return apply(op{
		name:   "dropout.mask",
		shape:  shape,
		images: imagesOf(shape),
		bind: func(z []float32, a [][]float32) []tensor.Task {
			key := a[0]
			return perImage(imagesOf(shape), images, length, maskBits, func(i, lo, hi int) {
				s := tensor.NewStream(uint64(salt), keyOf(row(key, i, 2), i))
				drawMask(row(z, i, length)[lo:hi], s, uint64(lo), below)
			})
		},
		grad: func(_, _ *Node) []*Node { return []*Node{nil} },
	}, key)
}

// drawMask sets z to the numbers from, from+1, … of a mask.
func drawMask(z []float32, s tensor.Stream, from uint64, below uint32) {
	const words = maskBits / 2
	var u [words]uint32
	for i := range z {
		s.Uint32(u[:], (from+uint64(i))*words)
		bits := uint32(0)
		for j, v := range u {
			low, high := v&0xffff-below, v>>16-below // below zero where it is dropped
			bits |= (low>>31^1)<<(2*j) | (high>>31^1)<<(2*j+1)
		}
		z[i] = float32(bits)
	}
}

// masked returns a·x where the mask has a one, and 0·x elsewhere. It is linear in x, and so its own derivative.
func masked(x, mask *Node, a float32) *Node {
	images, length := mask.Shape()[0], mask.Shape()[1]
	n, each := size(x.Shape())/images, imagesOf(x.Shape())
	return apply(op{
		name:    "dropout",
		shape:   x.Shape(),
		inplace: 1,
		images:  each,
		bind: func(z []float32, args [][]float32) []tensor.Task {
			x, mask := args[0], args[1]
			return perImage(each, images, length, maskBits, func(i, lo, hi int) {
				from, to := lo*maskBits, min(hi*maskBits, n)
				maskRow(row(z, i, n)[from:to], row(x, i, n)[from:to], row(mask, i, length)[lo:hi], a)
			})
		},
		grad: func(_, dz *Node) []*Node { return []*Node{masked(dz, mask, a), nil} },
	}, x, mask)
}

func maskRow(z, x, mask []float32, a float32) {
	factor := [2]float32{0, a}
	for i, m := range mask {
		bits := uint32(m)
		to := min((i+1)*maskBits, len(x))
		zi := z[i*maskBits : to]
		for j, v := range x[i*maskBits : to] {
			zi[j] = factor[bits&1] * v
			bits >>= 1
		}
	}
}

// A KeyError is the panic value of a run in which the key of a dropout is not of two whole numbers from 0 to 2²⁴−1.
type KeyError struct {
	Image int // its place in the batch
	Key   [2]float32
}

// Error names the image, its key and what a key must be.
func (e *KeyError) Error() string {
	return fmt.Sprintf("autodiff: dropout: image %d has the key %v; it must be two whole numbers from 0 to 2²⁴−1", e.Image, e.Key)
}

// keyOf returns the number of the stream of an image.
func keyOf(key []float32, image int) uint64 {
	const bits = 24
	for _, k := range key {
		if !(k >= 0 && k < 1<<bits) || k != float32(uint32(k)) {
			panic(&KeyError{image, [2]float32(key)})
		}
	}
	return uint64(key[0]) + uint64(key[1])<<bits
}
