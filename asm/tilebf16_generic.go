package asm

import "math"

// The tile of machines that multiply pairs.
const (
	pairRows   = 32
	pairWide   = 32
	pairNarrow = 16
)

// plainSizeBF16 is tileSizeBF16 without assembly.
func plainSizeBF16() (rows, wide, narrow int) {
	if pairs {
		return pairRows, pairWide, pairNarrow
	}
	return genericRows, genericWide, genericNarrow
}

func tileBF16Generic(z, bias []float32, segments []SegmentBF16, t *Tiling) {
	for i := range t.Count {
		oneTileBF16(z, bias, segments, i, t)
	}
}

// oneTileBF16 computes tile i.
func oneTileBF16(z, bias []float32, segments []SegmentBF16, i int, t *Tiling) {
	for r := range t.Rows {
		at := t.Z.at(i, r, t.Rows)
		tileRowBF16(z[at:at+t.Cols], bias, segments, t.X.at(i, r, t.Rows), t)
	}
}

// tileRowBF16 computes one row z of a tile, whose input begins at number x after the first row's in each segment.
func tileRowBF16(z, bias []float32, segments []SegmentBF16, x int, t *Tiling) {
	if bias != nil {
		copy(z, bias)
	}
	for _, s := range segments {
		for from := 0; from < t.Depth; from += StepBF16 {
			var chains [2][pairWide]float32 // of the even channels and of the odd, by columns
			for k := from; k < from+StepBF16; k++ {
				xk, chain := NumberBF16(s.X, s.At+x+k), chains[k%2][:len(z)]
				for c, e := range chain {
					chain[c] = stepFMA(xk, weightBF16(s.W, k, c, t.Width), e)
				}
			}
			for c := range z {
				z[c] = stepAdd(z[c], stepAdd(chains[0][c], chains[1][c]))
			}
		}
	}
}

// Not every machine has a fast multiply-add with one rounding for plain Go, but here it is rarely needed. A product of two numbers of 8
// bits has 16, which float32 holds: x·w + z rounds once, whether the compiler makes one operation of it or two. And nothing is flushed
// where no factor is small. If a is the exponent of the smallest input that is not zero, and b that of the smallest weight, all
// products are multiples of 2^(a+b−14), and so are their sums, rounded or not. Where that is 2⁻¹²⁶ or more, no sum lies between
// 2⁻¹²⁶ and zero. A product that is too large for float32 becomes an infinity, from which no sum comes back: the result shows it.

// exactExponents is the least sum of a and b, each with float32's bias, for which nothing is flushed.
const exactExponents = 2*127 + 14 - 126

// noExponent is leastExponent of zeros alone.
const noExponent = 256

// tileBF16Plain is tileBF16 without assembly. It computes tiles in blocks, and leaves to the reference those with numbers that are too
// small or too large for that, see above, and pairs. It returns how many it left.
func tileBF16Plain(z, bias []float32, segments []SegmentBF16, t *Tiling) (left int) {
	if pairs || t.Depth == 0 || len(segments) == 0 {
		tileBF16Generic(z, bias, segments, t)
		return t.Count
	}
	least := exactExponents - leastWeight(segments, t)
	for i := range t.Count {
		if leastInput(segments, i, t) < least || !tileInBlocks(z, bias, segments, i, t) {
			oneTileBF16(z, bias, segments, i, t)
			left++
		}
	}
	return left
}

// leastWeight is leastExponent of the panels.
func leastWeight(segments []SegmentBF16, t *Tiling) int {
	least := noExponent
	for i := range segments {
		least = min(least, leastExponent(segments[i].W[:PaddedBF16(t.Depth)*t.Width]))
	}
	return least
}

// leastInput is leastExponent of the rows of tile i.
func leastInput(segments []SegmentBF16, i int, t *Tiling) int {
	least := noExponent
	for j := range segments {
		s := &segments[j]
		for r := range t.Rows {
			least = min(least, leastExponent(s.X[s.At+t.X.at(i, r, t.Rows):][:PaddedBF16(t.Depth)]))
		}
	}
	return least
}

// leastExponent returns the exponent, with float32's bias, of the smallest number but zero among numbers in fours.
func leastExponent(x []float32) int {
	least := uint32(math.MaxUint32)
	for ; len(x) >= 4; x = x[4:] { // the four first, for only what is compared with least must wait for it
		v := (*[4]float32)(x)
		least = min(rank(v[0]), rank(v[1]), rank(v[2]), rank(v[3]), least)
	}
	return int((uint64(least) + 1) >> 24)
}

// rank orders numbers by size, but zeros come last.
func rank(x float32) uint32 { return math.Float32bits(x)<<1 - 1 }

// A roomBF16 is a tile in blocks of 4 rows and 2 columns: column c of row r is number 2·r + c mod 2 of block c/2.
type roomBF16 [genericWide / fusedCols][fusedRows * fusedCols]float32

// tileInBlocks computes tile i, and leaves z as it was where a number would not be finite. It reports whether all are.
func tileInBlocks(z, bias []float32, segments []SegmentBF16, i int, t *Tiling) bool {
	var room roomBF16
	for r := range t.Rows {
		from := bias
		if bias == nil {
			from = z[t.Z.at(i, r, t.Rows):]
		}
		for c, v := range from[:t.Cols] {
			*room.at(r, c) = flush(v)
		}
	}
	if !room.addSteps(segments, i, t) {
		return false
	}
	for r := range t.Rows {
		row := z[t.Z.at(i, r, t.Rows):][:t.Cols]
		for c := range row {
			row[c] = *room.at(r, c)
		}
	}
	return true
}

// at returns the place of column c of row r.
func (m *roomBF16) at(r, c int) *float32 { return &m[c/fusedCols][r*fusedCols+c%fusedCols] }

// addSteps adds all products of tile i, and reports whether the sums are finite. What a block has beyond the tile is computed of
// numbers that are there anyway, and dropped.
func (m *roomBF16) addSteps(segments []SegmentBF16, i int, t *Tiling) bool {
	var xs [fusedRows]int // missing rows read the last row
	for r := range xs {
		xs[r] = t.X.at(i, min(r, t.Rows-1), t.Rows)
	}
	for b := range (t.Cols + fusedCols - 1) / fusedCols {
		for j := range segments {
			s := &segments[j]
			for k := 0; k < t.Depth; k += StepBF16 {
				stepBlock(&m[b], s.X[s.At+k:], &xs, s.W[k*t.Width+b*fusedCols:], t.Width)
			}
		}
		for _, v := range m[b] {
			if v-v != 0 {
				return false
			}
		}
	}
	return true
}

// stepBlock adds a step to a block z of four rows of x, which begin at xs, and two columns of a panel, which begin with w. As in
// tileBlock, each number read is a factor of two products or more, so that the compiler fuses where it can.
func stepBlock(z *[fusedRows * fusedCols]float32, x []float32, xs *[fusedRows]int, w []float32, width int) {
	x0, x1 := x[xs[0]:][:StepBF16], x[xs[1]:][:StepBF16]
	x2, x3 := x[xs[2]:][:StepBF16], x[xs[3]:][:StepBF16]
	var chains [2][fusedRows * fusedCols]float32 // of the even channels and of the odd
	for half := range chains {
		var z00, z01, z10, z11, z20, z21, z30, z31 float32
		at := half * width
		for k := half; k < StepBF16; k += 2 {
			p := (*[fusedCols]float32)(w[at:])
			w0, w1 := p[0], p[1]
			x := x0[k]
			z00, z01 = x*w0+z00, x*w1+z01
			x = x1[k]
			z10, z11 = x*w0+z10, x*w1+z11
			x = x2[k]
			z20, z21 = x*w0+z20, x*w1+z21
			x = x3[k]
			z30, z31 = x*w0+z30, x*w1+z31
			at += 2 * width
		}
		chains[half] = [...]float32{z00, z01, z10, z11, z20, z21, z30, z31}
	}
	for i := range z {
		z[i] = flush(z[i] + (chains[0][i] + chains[1][i]))
	}
}
