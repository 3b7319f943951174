package asm

func affineGeneric(z, x, a, b []float32) {
	for p := 0; p < len(z); p += len(a) {
		for c := range a {
			z[p+c] = FMA(x[p+c], a[c], b[c])
		}
	}
}

func affineSiLUGeneric(z, x, a, b []float32) {
	for p := 0; p < len(z); p += len(a) {
		for c := range a {
			z[p+c] = silu1(FMA(x[p+c], a[c], b[c]))
		}
	}
}

func affineSiLUGradGeneric(z, x, a, b, dz []float32) {
	for p := 0; p < len(z); p += len(a) {
		for c := range a {
			z[p+c] = siluGrad1(FMA(x[p+c], a[c], b[c]), dz[p+c])
		}
	}
}

func affine2Generic(z, x, a, y, b, c []float32) {
	for p := 0; p < len(z); p += len(a) {
		for j := range a {
			z[p+j] = FMA(x[p+j], a[j], FMA(y[p+j], b[j], c[j]))
		}
	}
}
