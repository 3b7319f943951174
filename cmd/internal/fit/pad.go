package fit

import "spdiff/tensor"

// Size returns how many rows and columns Denoise gives a model whose images are of rows×columns pixels of one of h×w.
func Size(h, w, rows, columns int) (int, int) {
	top, left := edges(h, w, rows, columns)
	return h + 2*top, w + 2*left
}

// edges returns how many rows are put above an image of h×w pixels, and below it, and how many columns on its left and right.
func edges(h, w, rows, columns int) (top, left int) {
	top, left = max(0, (rows-h+1)/2), max(0, (columns-w+1)/2)
	if h == w { // and it stays square
		top, left = max(top, left), max(top, left)
	}
	return top, left
}

// padded returns an image (H, W, C) of at least h×w pixels: its mirror images are put at its edges, as many on one side as on the
// other, so that the padded image turns and mirrors as the image does. An image that is large enough is returned itself.
func padded(img *tensor.Tensor, h, w int) *tensor.Tensor {
	s := img.Shape()
	top, left := edges(s[0], s[1], h, w)
	if top == 0 && left == 0 {
		return img
	}
	height, width, c := s[0]+2*top, s[1]+2*left, s[2]
	z := tensor.New(height, width, c)
	for y := range height {
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
