package asm

import "math"

// A SegmentBF16 is a piece of the products that TileBF16 computes, as a Segment is one of Tile's.
type SegmentBF16 struct {
	X  []float32 // rows in operand form
	At int       // the number of X with which the first row begins; odd ones will do
	W  []float32 // the panel's weights, as PackBF16 leaves them, for Depth channels
}

// TileSizeBF16 is TileSize of TileBF16.
func TileSizeBF16() (rows, wide, narrow int) { return tileSizeBF16() }

// CallBF16 returns how many multiply-adds a call of TileBF16 should have at most, for it cannot be preempted: that is well below 200 µs. With
// AMX a call takes 0.15 to 0.3 µs to begin, as long as 2¹⁸ of them do, so it should not have many fewer either.
func CallBF16() int {
	if CutForTiles() {
		return 1 << 25
	}
	return 1 << 21
}

// DepthBF16 returns how many channels a call of TileBF16 should have where a sum goes on from call to call: few enough that rows and panel stay
// in the first cache for the next call, but with AMX enough to make little of the call and of reading and writing the result, which
// together take as long as eight steps.
func DepthBF16() int {
	if CutForTiles() {
		return 1088
	}
	return 256
}

// CutForTiles reports whether products of bf16 should be cut for AMX's tiles, and for the second caches of 2 MiB of the machines that have them.
// SetISA("pairs") plays such a machine.
func CutForTiles() bool { return useAMX || pairs && !useDot }

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

// PanelsBF16 is TileBF16 of one tile of rows of a segment by t.Count panels, which follow each other in s.W. z of a panel begins t.Z.Tile
// numbers after that of the one before, and each begins with the same bias. t.X.Tile is not used. It is for panels of few steps: with AMX a
// call takes 0.15 µs to begin, and a step 0.025.
func PanelsBF16(z, bias []float32, s SegmentBF16, t *Tiling) {
	one, panel := *t, times(SlotsBF16(PaddedBF16(t.Depth)), t.Width)
	one.X.Tile = 0
	one.checkBF16(z, bias, []SegmentBF16{s})
	reach("PanelsBF16", times(t.Count, panel), s.W)
	if t.Count > 0 {
		panelsBF16(z, bias, s, &one, panel)
	}
}

// eachPanel is panelsBF16 by calls of tileBF16.
func eachPanel(z, bias []float32, s SegmentBF16, t *Tiling, panel int) {
	one := *t
	one.Count = 1
	for i := range t.Count {
		tileBF16(z[i*t.Z.Tile:], bias, []SegmentBF16{{X: s.X, At: s.At, W: s.W[i*panel:]}}, &one)
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
		s := &segments[i] // of 9 segments, reach took 0.2 to 0.4 µs where a tile of AMX takes 0.5
		if s.At < 0 || s.At >= math.MaxInt-nx || SlotsBF16(s.At+nx) > len(s.X) || nw > len(s.W) {
			panicLength("TileBF16", s.At, nx, len(s.X), nw, len(s.W))
		}
	}
}
