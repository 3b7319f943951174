package dicom

import "image/color"

// toRGB makes red, green and blue of Y, Cb and Cr of 8 bits, in place, by the inverse of PS3.3, C.7.6.3.1.2:
// R = Y + 1.402 (Cr − 128), G = Y − 0.344136 (Cb − 128) − 0.714136 (Cr − 128), B = Y + 1.772 (Cb − 128).
func toRGB(w []uint16) {
	for k := 0; k+2 < len(w); k += 3 {
		r, g, b := color.YCbCrToRGB(uint8(w[k]), uint8(w[k+1]), uint8(w[k+2]))
		w[k], w[k+1], w[k+2] = uint16(r), uint16(g), uint16(b)
	}
}

// from422 returns Y, Cb and Cr of pixels of which two in a row share their colour: Y₁ Y₂ Cb Cr.
func (f *File) from422(b []byte) []uint16 {
	w := make([]uint16, 0, f.size())
	for ; len(b) >= 4; b = b[4:] {
		cb, cr := uint16(b[2]), uint16(b[3])
		w = append(w, uint16(b[0]), cb, cr, uint16(b[1]), cb, cr)
	}
	return w
}
