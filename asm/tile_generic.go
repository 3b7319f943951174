package asm

// The tile of plain Go. It keeps nothing in registers, so its size matters little: panels no wider than needed waste least on
// narrow outputs.
const (
	genericRows   = 4
	genericWide   = 16
	genericNarrow = 8
)

func tileGeneric(z, bias []float32, segments []Segment, t *Tiling) {
	for i := range t.Count {
		for r := range t.Rows {
			at := t.Z.at(i, r, t.Rows)
			tileRow(z[at:at+t.Cols], bias, segments, t.X.at(i, r, t.Rows), t)
		}
	}
}

// tileRow computes one row z of a tile, whose input begins at x in each segment.
func tileRow(z, bias []float32, segments []Segment, x int, t *Tiling) {
	if bias != nil {
		copy(z, bias)
	}
	for _, s := range segments {
		for k, xk := range s.X[x : x+t.Depth] {
			w := s.W[k*t.Width:][:len(z)]
			for c := range z {
				z[c] = FMA(xk, w[c], z[c])
			}
		}
	}
}

// The block of the fused loops: eight chains, enough to hide an addition's latency, leave room for what they read in the
// fifteen registers that Go has on amd64.
const (
	fusedRows = 4
	fusedCols = 2
)

// tilePlain is tile without assembly.
func tilePlain(z, bias []float32, segments []Segment, t *Tiling) {
	if fused {
		tileFused(z, bias, segments, t)
	} else {
		tileGeneric(z, bias, segments, t)
	}
}

// tileFused is tileGeneric where the compiler fuses x·y + z, see fused: blocks of 4×2 chains in registers. What a block has
// beyond the tile is computed of numbers that are there anyway, and dropped.
func tileFused(z, bias []float32, segments []Segment, t *Tiling) {
	for i := range t.Count {
		var xs [fusedRows]int // missing rows read the last row
		for r := range xs {
			xs[r] = t.X.at(i, min(r, t.Rows-1), t.Rows)
		}
		for c := 0; c < t.Cols; c += fusedCols {
			var acc [fusedRows * fusedCols]float32
			n := min(fusedCols, t.Cols-c)
			for r := range t.Rows {
				from := bias
				if bias == nil {
					from = z[t.Z.at(i, r, t.Rows):]
				}
				copy(acc[fusedCols*r:][:n], from[c:])
			}
			tileBlock(&acc, segments, &xs, c, t)
			for r := range t.Rows {
				copy(z[t.Z.at(i, r, t.Rows)+c:][:n], acc[fusedCols*r:])
			}
		}
	}
}

// tileBlock continues the chains acc of four rows, which begin at xs, and of columns c and c+1.
//
// Each number read is a factor of two products or more: the compiler makes one read for a single product part of the
// multiplication, and then does not fuse it.
//
//go:noinline
func tileBlock(acc *[fusedRows * fusedCols]float32, segments []Segment, xs *[fusedRows]int, c int, t *Tiling) {
	z00, z01, z10, z11 := acc[0], acc[1], acc[2], acc[3]
	z20, z21, z30, z31 := acc[4], acc[5], acc[6], acc[7]
	for _, s := range segments {
		x0 := s.X[xs[0]:][:t.Depth]
		x1, x2, x3 := s.X[xs[1]:][:len(x0)], s.X[xs[2]:][:len(x0)], s.X[xs[3]:][:len(x0)]
		at := c
		for k := range x0 {
			w := (*[fusedCols]float32)(s.W[at:])
			w0, w1 := w[0], w[1]
			x := x0[k]
			z00, z01 = x*w0+z00, x*w1+z01
			x = x1[k]
			z10, z11 = x*w0+z10, x*w1+z11
			x = x2[k]
			z20, z21 = x*w0+z20, x*w1+z21
			x = x3[k]
			z30, z31 = x*w0+z30, x*w1+z31
			at += t.Width
		}
	}
	*acc = [...]float32{z00, z01, z10, z11, z20, z21, z30, z31}
}
