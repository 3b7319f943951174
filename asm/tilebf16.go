package asm

// A SegmentBF16 is a piece of the products that TileBF16 computes, as a Segment is one of Tile's.
type SegmentBF16 struct {
	X  []float32 // rows in operand form
	At int       // the number of X with which the first row begins; odd ones will do
	W  []float32 // the panel's weights, as PackBF16 leaves them, for Depth channels
}

// TileSizeBF16 is TileSize of TileBF16.
func TileSizeBF16() (rows, wide, narrow int) { return tileSizeBF16() }

// TileBF16 computes products of small matrices whose factors are of bf16, a tile of rows at a time. What becomes of an element is
// the same sequence of roundings on every machine, that of the instruction TDPBF16PS. With z₀, which is bias[c], or with a nil
// bias what z[r,c] was,
//
//	z = z₀;  for segments s in order, for steps of 32 channels k of s, ascending:
//	    e = o = +0;  for j = 0…15:  e = fma(x_s[r,k+2j], w_s[k+2j,c], e);  o = fma(x_s[r,k+2j+1], w_s[k+2j+1,c], o)
//	    z = z + (e + o)
//
// each fma rounded once and each sum too; results smaller than 2⁻¹²⁶ become zeros of their sign, and numbers of z and bias that
// are smaller count as such zeros. Where the depth is no multiple of 32, what follows in rows and panels up to whole steps must
// be +0, as the functions that round leave it. A sum may be cut between steps and continued by another call.
//
// The strides t.X count numbers of the operand, those of t.Z plain float32 numbers: z is an ordinary matrix. Next is not used. z must
// not overlap the rest. It panics with a *LengthError where a row or what fills it up would reach outside its slice.
func TileBF16(z, bias []float32, segments []SegmentBF16, t *Tiling) {
	t.checkBF16(z, bias, segments)
	if t.Count > 0 {
		tileBF16(z, bias, segments, t)
	}
}

func (t *Tiling) checkBF16(z, bias []float32, segments []SegmentBF16) {
	rows, wide, narrow := tileSizeBF16()
	t.checkSizes("TileBF16", rows, wide, narrow)
	if t.Count == 0 {
		return
	}
	t.checkResult("TileBF16", z, bias)
	depth := PaddedBF16(t.Depth)
	nx, nw := plus(t.X.reach(t), depth), times(SlotsBF16(depth), t.Width)
	for i := range segments {
		s := &segments[i]
		notNegative("TileBF16", s.At)
		reach("TileBF16", SlotsBF16(plus(s.At, nx)), s.X)
		reach("TileBF16", nw, s.W)
	}
}
