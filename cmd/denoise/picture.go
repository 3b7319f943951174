package main

import (
	"context"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"path/filepath"
	"strings"

	"spdiff/cmd/internal/grid"
	"spdiff/cmd/internal/packed"
	"spdiff/cmd/internal/picture"
	"spdiff/tensor"
	"spdiff/tensor/atomicfile"
)

// read reads an image, (H, W, C) with values in [−1, 1]: for one channel its luminance, for three its colours; see package picture.
func read(ctx context.Context, path string, c int) (*tensor.Tensor, error) {
	if c != 1 && c != 3 {
		return nil, fmt.Errorf("the model's images have %d channels; only grey ones (1) and colours (3) are in files", c)
	}
	f, size, err := atomicfile.Open(path)
	if err != nil {
		return nil, fmt.Errorf("-in: %w", packed.Clean(err))
	}
	defer f.Close()
	m, err := picture.Decode(ctx, f, size, c)
	if err != nil {
		return nil, fmt.Errorf("-in %s: %w", packed.Printable(path), err)
	}
	z := tensor.New(m.H, m.W, c)
	m.Floats(z.Data())
	return z, nil
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
		return jpeg.Encode(w, shown(z), &jpeg.Options{Quality: 95})
	})
}

// shown returns an image (H, W, C) as a picture.
func shown(z *tensor.Tensor) image.Image {
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
