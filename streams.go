package spdiff

import (
	"math"

	"spdiff/tensor"
)

// A purpose is what random numbers are for. Streams of different purposes are independent: the purpose is the upper eight
// bits of the stream's number, and what it belongs to (an image of the source, a draw of the training) the lower ones.
// Purpose 0 is the noise of samples, see sde.Seeded.
type purpose uint64

const (
	order    purpose = 1 + iota // the order of the images in an epoch
	turned                      // the element that acts on an image of the source
	augment                     // the element that acts on a draw
	instant                     // the time of a draw
	noise                       // the noise of a draw
	drops                       // the key of a draw's dropout
	coins                       // whether a step conditions the network on its own prediction
	elements                    // the element of a step's regulariser
	latents                     // the noise that a GAN's training makes an image of
	poses                       // the element that goes with it, in training
	mixes                       // how much of a point is of an image, for the penalty of a GAN
	posed                       // the element of an image that a GAN draws
	withheld                    // whether a draw's class is withheld
	warps                       // how a draw is moved, of package warp
)

// maxDraws bounds the numbers of images and draws, so that they stay below the purpose, and an int.
const maxDraws = min(1<<55, math.MaxInt)

// stream returns the random numbers of number i for a purpose.
func (p purpose) stream(seed, i uint64) tensor.Stream {
	return tensor.NewStream(seed, uint64(p)<<56|i)
}
