// Package grid writes images as PNG: grids of samples, rows of a trajectory, single ones. Images are numbers in [−1, 1], rows
// of pixels of one channel (grey) or three (red, green, blue).
package grid

import (
	"image"
	"image/color"
	"image/png"
	"io"
	"math"

	"spdiff/tensor/atomicfile"
)

// pleasant is about how many pixels a picture is wide: small images are enlarged by a whole factor to reach it.
const pleasant = 720

// Write writes n images of h×w pixels of c channels in a grid, as near to a square as it goes.
func Write(path string, images []float32, n, h, w, c int) error {
	columns := int(math.Ceil(math.Sqrt(float64(n) * float64(h) / float64(w))))
	columns = max(1, min(columns, n))
	return WriteRows(path, images, (n+columns-1)/columns, columns, h, w, c)
}

// WriteRows writes images in rows, columns of them in each; the last ones may be missing.
func WriteRows(path string, images []float32, rows, columns, h, w, c int) error {
	zoom := max(1, pleasant/(columns*w))
	gap := max(1, zoom/2)
	pic := image.NewRGBA(image.Rect(0, 0, columns*(w*zoom+gap)+gap, rows*(h*zoom+gap)+gap))
	fill(pic, color.RGBA{64, 68, 76, 255})
	for i := range len(images) / (h * w * c) {
		x, y := gap+i%columns*(w*zoom+gap), gap+i/columns*(h*zoom+gap)
		draw(pic, images[i*h*w*c:(i+1)*h*w*c], x, y, h, w, c, zoom)
	}
	return save(path, pic)
}

// WriteSingle writes one image, pixel for pixel.
func WriteSingle(path string, x []float32, h, w, c int) error {
	if c == 1 {
		pic := image.NewGray(image.Rect(0, 0, w, h))
		for i, v := range x {
			pic.Pix[i] = Byte(v)
		}
		return save(path, pic)
	}
	pic := image.NewRGBA(image.Rect(0, 0, w, h))
	draw(pic, x, 0, 0, h, w, c, 1)
	return save(path, pic)
}

// Byte returns the grey value of v: −1 is 0, 1 is 255, what lies outside is brought in.
func Byte(v float32) uint8 {
	return uint8(math.Round(127.5 * (1 + math.Max(-1, math.Min(1, float64(v))))))
}

func fill(pic *image.RGBA, c color.RGBA) {
	for i := 0; i < len(pic.Pix); i += 4 {
		copy(pic.Pix[i:], []uint8{c.R, c.G, c.B, c.A})
	}
}

// draw draws an image, each pixel as a square of zoom×zoom.
func draw(pic *image.RGBA, x []float32, left, top, h, w, c, zoom int) {
	for py := range h * zoom {
		for px := range w * zoom {
			p := x[((py/zoom)*w+px/zoom)*c:]
			pic.SetRGBA(left+px, top+py, color.RGBA{Byte(p[0]), Byte(p[c/2]), Byte(p[c-1]), 255})
		}
	}
}

// save writes a picture, whole or not at all.
func save(path string, pic image.Image) error {
	return atomicfile.Write(path, func(w io.Writer) error { return png.Encode(w, pic) })
}
