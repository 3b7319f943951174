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
