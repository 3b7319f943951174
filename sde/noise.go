package sde

import "spdiff/tensor"

// A Noise fills z with the standard normal numbers of one image and draw: the same numbers for the same image and draw.
//
// Draw [Start] makes the start of a solution; solvers number theirs by step, 0, 1, … (one that needs k a step uses
// k·step, …, k·step + k−1). A Brownian path shared by several solutions ([Brownian]), or the noise of a turned image, is
// another Noise. It is called for several images of a batch at once, from several goroutines.
type Noise func(z []float32, image, draw int)

// Start is the draw that a solution starts from.
const Start = -1

// Seeded returns the noise of a seed: stream number image of the counter-based generator, each draw after the one before.
// So image k of a seed has the same noise in any batch.
func Seeded(seed uint64) Noise {
	return func(z []float32, image, draw int) {
		stream := tensor.NewStream(seed, uint64(image))
		stream.Normal(z, uint64(draw+1)*uint64(len(z)))
	}
}
