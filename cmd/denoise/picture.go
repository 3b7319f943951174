package main

import (
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"os"
	"path/filepath"
	"strings"

	"spdiff/cmd/internal/grid"
	"spdiff/tensor"
	"spdiff/tensor/atomicfile"
)

// most is the largest number of pixels of an image that is read: a file of some bytes can claim any.
const most = 1 << 26

// read reads an image, (H, W, C) with values in [−1, 1]: for one channel its luminance, for three its colours. Transparent
// parts are black.
func read(path string, c int) (*tensor.Tensor, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("-in: %w", err)
	}
	defer f.Close()
	head, _, err := image.DecodeConfig(f)
	switch {
	case err != nil:
		return nil, fmt.Errorf("-in %s: %w; it must be PNG or JPEG", path, err)
	case c != 1 && c != 3:
		return nil, fmt.Errorf("the model's images have %d channels; only grey ones (1) and colours (3) are in files", c)
	case head.Width < 1 || head.Height < 1 || head.Height > most/head.Width:
		return nil, fmt.Errorf("-in %s: it has %d×%d pixels; at most %d in all are read", path, head.Height, head.Width, most)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("-in %s: %w", path, err)
	}
	pic, _, err := image.Decode(f)
	if err != nil {
		return nil, fmt.Errorf("-in %s: %w", path, err)
	}
	return numbers(pic, c), nil
}

// numbers returns the pixels of a picture.
func numbers(pic image.Image, c int) *tensor.Tensor {
	b := pic.Bounds()
	z := tensor.New(b.Dy(), b.Dx(), c)
	x := z.Data()[:0]
	number := func(v uint32) float32 { return float32(float64(v)/32767.5 - 1) }
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for px := b.Min.X; px < b.Max.X; px++ {
			at := pic.At(px, y)
			if c == 1 {
				x = append(x, number(uint32(color.Gray16Model.Convert(at).(color.Gray16).Y)))
				continue
			}
			red, green, blue, _ := at.RGBA()
			x = append(x, number(red), number(green), number(blue))
		}
	}
	return z
}

// writable reports whether write knows the format of a name.
func writable(path string) bool {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".png", ".jpg", ".jpeg":
		return true
	}
	return false
}

// write writes an image (H, W, C) in the format that the name says, with eight bits a channel.
func write(path string, z *tensor.Tensor) error {
	s := z.Shape()
	if strings.EqualFold(filepath.Ext(path), ".png") {
		return grid.WriteSingle(path, z.Data(), s[0], s[1], s[2])
	}
	return atomicfile.Write(path, func(w io.Writer) error {
		return jpeg.Encode(w, picture(z), &jpeg.Options{Quality: 95})
	})
}

// picture returns an image (H, W, C) as a picture.
func picture(z *tensor.Tensor) image.Image {
	s := z.Shape()
	h, w, c := s[0], s[1], s[2]
	if c == 1 {
		grey := image.NewGray(image.Rect(0, 0, w, h))
		for p, v := range z.Data() {
			grey.Pix[p] = grid.Byte(v)
		}
		return grey
	}
	colours := image.NewRGBA(image.Rect(0, 0, w, h))
	for p := range h * w {
		v := z.Data()[p*c : (p+1)*c]
		copy(colours.Pix[4*p:], []uint8{grid.Byte(v[0]), grid.Byte(v[1]), grid.Byte(v[2]), 255})
	}
	return colours
}
