package asm

func outerGeneric(z, x, y []float32, o *Sweep) {
	for n := range o.Images {
		for h := range o.Height {
			for p := range o.Width {
				xp := x[n*o.X.Image+h*o.X.Row+p*o.X.Pixel:][:o.Rows]
				yp := y[n*o.Y.Image+h*o.Y.Row+p*o.Y.Pixel:][:o.Cols]
				for i, xi := range xp {
					zi := z[i*o.Stride:][:o.Cols]
					for j, yj := range yp {
						zi[j] = FMA(xi, yj, zi[j])
					}
				}
			}
		}
	}
}

// outerPlain is outer without assembly.
func outerPlain(z, x, y []float32, o *Sweep) {
	if fused {
		outerFused(z, x, y, o)
	} else {
		outerGeneric(z, x, y, o)
	}
}

// outerFused is outerGeneric where the compiler fuses x·y + z, see fused: blocks of 4×2 chains in registers.
func outerFused(z, x, y []float32, o *Sweep) {
	for j := 0; j < o.Cols; j += fusedCols {
		var acc [fusedRows * fusedCols]float32
		n := min(fusedCols, o.Cols-j)
		for i := range o.Rows {
			copy(acc[fusedCols*i:][:n], z[i*o.Stride+j:])
		}
		if o.Rows == fusedRows && n == fusedCols {
			outerBlock(&acc, x, y[j:], o)
		} else {
			outerFusedEdge(&acc, x, y[j:], n, o)
		}
		for i := range o.Rows {
			copy(z[i*o.Stride+j:][:n], acc[fusedCols*i:])
		}
	}
}

// outerBlock continues the chains acc of four rows and two columns. Each number read is a factor of two products, see
// tileBlock.
//
//go:noinline
func outerBlock(acc *[fusedRows * fusedCols]float32, x, y []float32, o *Sweep) {
	z00, z01, z10, z11 := acc[0], acc[1], acc[2], acc[3]
	z20, z21, z30, z31 := acc[4], acc[5], acc[6], acc[7]
	for n := range o.Images {
		for h := range o.Height {
			i, j := n*o.X.Image+h*o.X.Row, n*o.Y.Image+h*o.Y.Row
			for range o.Width {
				xp, yp := (*[fusedRows]float32)(x[i:]), (*[fusedCols]float32)(y[j:])
				y0, y1 := yp[0], yp[1]
				x := xp[0]
				z00, z01 = x*y0+z00, x*y1+z01
				x = xp[1]
				z10, z11 = x*y0+z10, x*y1+z11
				x = xp[2]
				z20, z21 = x*y0+z20, x*y1+z21
				x = xp[3]
				z30, z31 = x*y0+z30, x*y1+z31
				i += o.X.Pixel
				j += o.Y.Pixel
			}
		}
	}
	*acc = [...]float32{z00, z01, z10, z11, z20, z21, z30, z31}
}

// outerFusedEdge does a smaller block, of n columns, one pixel at a time, filled up with zeros. The chains outside the block are
// dropped.
func outerFusedEdge(acc *[fusedRows * fusedCols]float32, x, y []float32, n int, o *Sweep) {
	var xp [fusedRows]float32
	var yp [fusedCols]float32
	one := Sweep{Images: 1, Height: 1, Width: 1}
	for image := range o.Images {
		for h := range o.Height {
			i, j := image*o.X.Image+h*o.X.Row, image*o.Y.Image+h*o.Y.Row
			for range o.Width {
				copy(xp[:o.Rows], x[i:])
				copy(yp[:n], y[j:])
				outerBlock(acc, xp[:], yp[:], &one)
				i += o.X.Pixel
				j += o.Y.Pixel
			}
		}
	}
}
