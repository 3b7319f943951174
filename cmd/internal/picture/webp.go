package picture

import (
	"image"
	"image/color"
	"io"

	"golang.org/x/image/webp"
)

// decodeWebP decodes a WebP. Of the lossy kind black is 16 and white 235, as in video, which package webp leaves so and package
// image takes for the range of JPEG, 0 to 255: so it is converted here.
func decodeWebP(r io.Reader) (image.Image, error) {
	m, err := webp.Decode(r)
	switch m := m.(type) {
	case *image.YCbCr:
		return asVideo(m, func(x, y int) uint8 { return 0xff }), err
	case *image.NYCbCrA:
		return asVideo(&m.YCbCr, func(x, y int) uint8 { return m.A[m.AOffset(x, y)] }), err
	}
	return m, err
}

// asVideo returns a picture whose numbers are those of video, BT.601, in RGB. A pixel has the chroma of the nearest sample, where
// libwebp blends four: at the edges of colours it differs a little from what that shows.
func asVideo(m *image.YCbCr, alpha func(x, y int) uint8) *image.NRGBA {
	z := image.NewNRGBA(m.Rect)
	for y := m.Rect.Min.Y; y < m.Rect.Max.Y; y++ {
		for x := m.Rect.Min.X; x < m.Rect.Max.X; x++ {
			c := m.COffset(x, y)
			r, g, b := videoRGB(int(m.Y[m.YOffset(x, y)]), int(m.Cb[c]), int(m.Cr[c]))
			z.SetNRGBA(x, y, color.NRGBA{R: r, G: g, B: b, A: alpha(x, y)})
		}
	}
	return z
}

// videoRGB is the conversion of libwebp, to the last bit (VP8YUVToR and its kin).
func videoRGB(y, u, v int) (r, g, b uint8) {
	y = times(y, 19077)
	return clip(y + times(v, 26149) - 14234), clip(y - times(u, 6419) - times(v, 13320) + 8708), clip(y + times(u, 33050) - 17685)
}

// times multiplies by a number of 2⁻¹⁴, to a product of 2⁻⁶.
func times(v, by int) int { return v * by >> 8 }

// clip returns a number of 2⁻⁶ as a whole one from 0 to 255.
func clip(v int) uint8 { return uint8(min(max(v>>6, 0), 255)) }
