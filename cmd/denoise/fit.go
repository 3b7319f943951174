package main

import "spdiff/tensor"

// padded returns an image (H, W, C) of at least h×w pixels: its mirror images are put at its edges, as many on one side as on the
// other, so that the padded image turns and mirrors as the image does. An image that is large enough is returned itself.
func padded(img *tensor.Tensor, h, w int) *tensor.Tensor {
	s := img.Shape()
	top, left := max(0, (h-s[0]+1)/2), max(0, (w-s[1]+1)/2)
	if s[0] == s[1] { // and it stays square
		top, left = max(top, left), max(top, left)
	}
	if top == 0 && left == 0 {
		return img
	}
	c := s[2]
	z := tensor.New(s[0]+2*top, s[1]+2*left, c)
	width := s[1] + 2*left
	for y := range s[0] + 2*top {
		for x := range width {
			from := mirrored(y-top, s[0])*s[1] + mirrored(x-left, s[1])
			copy(z.Data()[(y*width+x)*c:][:c], img.Data()[from*c:])
		}
	}
	return z
}

// mirrored returns the place within n that place i of the endless row of mirror images shows.
func mirrored(i, n int) int {
	i = (i%(2*n) + 2*n) % (2 * n)
	return min(i, 2*n-1-i)
}

// cropped returns the middle h×w pixels of a padded image.
func cropped(img *tensor.Tensor, h, w int) *tensor.Tensor {
	s := img.Shape()
	if s[0] == h && s[1] == w {
		return img
	}
	z, c := tensor.New(h, w, s[2]), s[2]
	top, left := (s[0]-h)/2, (s[1]-w)/2
	for y := range h {
		copy(z.Data()[y*w*c:][:w*c], img.Data()[((y+top)*s[1]+left)*c:])
	}
	return z
}

// parts returns what a model of images of c channels is given for an image: itself; each colour of it as a grey image; or grey in
// all three colours.
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
	for k := range s[2] {
		z := tensor.New(s[0], s[1], 1)
		for i := range n {
			z.Data()[i] = img.Data()[i*s[2]+k]
		}
		all = append(all, z)
	}
	return all
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
				z.Data()[i*c+k] = all[k].Data()[i]
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
