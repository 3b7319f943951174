package spdiff

import "spdiff/tensor"

// A latent is what a generator makes images of: normal numbers, an element of the group, and a class, for each image.
type latent struct {
	length  int       // of z, an image
	z       []float32 // (N, length)
	element []float32 // (N), nil if the generator takes none
	class   []float32 // (N), nil if there are none
}

// draw sets place j to what the streams give, but for the class.
func (l latent) draw(j int, noise, pose tensor.Stream, order int) {
	noise.Normal(l.z[j*l.length:(j+1)*l.length], 0)
	if l.element != nil {
		l.element[j] = float32(pose.Intn(order, 0))
	}
}
