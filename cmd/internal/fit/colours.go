package fit

import "spdiff/tensor"

// parts returns what a model of images of c channels is given for an image: itself; each colour of it as a grey image, one alone where
// all are equal; or grey in all three colours.
func parts(img *tensor.Tensor, c int) []*tensor.Tensor {
	s := img.Shape()
	if s[2] == c {
		return []*tensor.Tensor{img}
	}
	n := s[0] * s[1]
	if s[2] == 1 {
		z := tensor.New(s[0], s[1], c)
		for i := range z.Data() {
			z.Data()[i] = img.Data()[i/c]
		}
		return []*tensor.Tensor{z}
	}
	var all []*tensor.Tensor
	for k := range colours(img) {
		z := tensor.New(s[0], s[1], 1)
		for i := range n {
			z.Data()[i] = img.Data()[i*s[2]+k]
		}
		all = append(all, z)
	}
	return all
}

// colours returns how many channels of an image are to be told apart: one, where all numbers of each pixel are equal.
func colours(img *tensor.Tensor) int {
	c := img.Shape()[2]
	for i, v := range img.Data() {
		if v != img.Data()[i/c*c] {
			return c
		}
	}
	return 1
}

// joined returns the image of c channels whose parts came of those that parts gave: of grey in three colours their mean.
func joined(all []*tensor.Tensor, c int) *tensor.Tensor {
	s := all[0].Shape()
	if s[2] == c {
		return all[0]
	}
	z := tensor.New(s[0], s[1], c)
	for i := range s[0] * s[1] {
		if s[2] == 1 {
			for k := range c {
				z.Data()[i*c+k] = all[min(k, len(all)-1)].Data()[i]
			}
			continue
		}
		sum := 0.0
		for _, v := range all[0].Data()[i*s[2]:][:s[2]] {
			sum += float64(v)
		}
		z.Data()[i] = float32(sum / float64(s[2]))
	}
	return z
}
