package asm

func roundBF16Generic(z []float32, at int, x []float32, r *Rounding) {
	for l := range r.Lines {
		for i := range r.Rows {
			for c := range r.Fill {
				put(z, at+l*r.ZLine+i*r.ZRow+c, r.number(x, l, i, c))
			}
		}
	}
}

func transposeBF16Generic(z []float32, at int, x []float32, r *Rounding) {
	for l := range r.Lines {
		for c := range r.Cols {
			for i := range r.Fill {
				put(z, at+l*r.ZLine+c*r.ZRow+i, r.number(x, l, i, c))
			}
		}
	}
}

func packBF16Generic(z, x []float32, r *Rounding) {
	r.pack(z, func(l, k, j int) float32 { return r.number(x, l, k, j) })
}

func packTransposedBF16Generic(z, x []float32, r *Rounding) {
	r.pack(z, func(l, k, j int) float32 { return r.number(x, l, j, k) })
}

// pack sets the weights of a panel: of channel k of line l in column j.
func (r *Rounding) pack(z []float32, weight func(l, k, j int) float32) {
	for k := range PaddedBF16(r.Lines * r.Fill) {
		for j := range r.Width {
			put(z, placeBF16(k, j, r.Width), weight(k/max(1, r.Fill), k%max(1, r.Fill), j))
		}
	}
}

// number returns number c of row (l, i) of x, and zero beyond its lines, rows and columns.
func (r *Rounding) number(x []float32, l, i, c int) float32 {
	if l >= r.Lines || i >= r.Rows || c >= r.Cols {
		return 0
	}
	return x[l*r.XLine+i*r.XRow+c]
}

// placeBF16 is the number of the operand at which weight (k, c) of a panel is.
func placeBF16(k, c, width int) int {
	if pairs {
		return 2*(k/2*width+c) + k%2
	}
	return k*width + c
}

// weightBF16 returns weight (k, c) of a panel.
func weightBF16(w []float32, k, c, width int) float32 { return NumberBF16(w, placeBF16(k, c, width)) }
