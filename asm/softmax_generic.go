package asm

func expSumGeneric(x, w []float32) float32 {
	Shift(x, -Max(x), x)
	Exp(x, x)
	if len(x) == len(w) {
		return Dot(x, w)
	}
	var s [16]float32
	var leaf [8]float32
	for d := range w {
		lists := len(x) / len(w)
		for l := range lists {
			leaf[l] = x[l*len(w)+d]
		}
		s[d%16] = FMA(tree(leaf, lists), w[d], s[d%16])
	}
	return fold(&s)
}

func softmaxSlopeGeneric(z, p []float32, a float32) {
	Scale(p, a, p)
	Shift(z, -Dot(p, z), z)
	Mul(z, z, p)
}
