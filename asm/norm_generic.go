package asm

func normSumsGeneric(sum, dot, x, du, r, s []float32) {
	for p := 0; p < len(x); p += len(r) {
		for c := range r {
			sum[c] += du[p+c]
			dot[c] = FMA(du[p+c], FMA(x[p+c], r[c], s[c]), dot[c])
		}
	}
}
