package asm

func normSumsGeneric(sum, dot, x, dz, a, b, r, s []float32) {
	for p := 0; p < len(x); p += len(a) {
		for c := range a {
			du := siluGrad1(FMA(x[p+c], a[c], b[c]), dz[p+c])
			sum[c] += du
			dot[c] = FMA(du, FMA(x[p+c], r[c], s[c]), dot[c])
		}
	}
}

func normGradGeneric(z, x, dz, a, b, f, g []float32) {
	for p := 0; p < len(x); p += len(a) {
		for c := range a {
			du := siluGrad1(FMA(x[p+c], a[c], b[c]), dz[p+c])
			z[p+c] = FMA(du, a[c], FMA(x[p+c], f[c], g[c]))
		}
	}
}
