package asm

import "math"

func addGeneric(z, x, y []float32) {
	for i := range z {
		z[i] = x[i] + y[i]
	}
}

func subGeneric(z, x, y []float32) {
	for i := range z {
		z[i] = x[i] - y[i]
	}
}

func mulGeneric(z, x, y []float32) {
	for i := range z {
		z[i] = x[i] * y[i]
	}
}

func divGeneric(z, x, y []float32) {
	for i := range z {
		z[i] = x[i] / y[i]
	}
}

func largerGeneric(z, x, y []float32) {
	for i := range z {
		v := x[i]
		if y[i] > v {
			v = y[i]
		}
		z[i] = v
	}
}

func mulAddGeneric(z, x, y, w []float32) {
	for i := range z {
		z[i] = FMA(x[i], y[i], w[i])
	}
}

func scaleGeneric(z []float32, a float32, x []float32) {
	for i := range z {
		z[i] = a * x[i]
	}
}

func addScaledGeneric(z []float32, a float32, x, y []float32) {
	for i := range z {
		z[i] = FMA(a, x[i], y[i])
	}
}

func shiftGeneric(z []float32, a float32, x []float32) {
	for i := range z {
		z[i] = x[i] + a
	}
}

func lerpGeneric(z []float32, a float32, x, y []float32) {
	for i := range z {
		z[i] = FMA(a, y[i]-x[i], x[i])
	}
}

func sqrtGeneric(z, x []float32) {
	for i := range z {
		z[i] = sqrt1(x[i])
	}
}

func rsqrtGeneric(z, x []float32) {
	for i := range z {
		z[i] = 1 / sqrt1(x[i])
	}
}

func absGeneric(z, x []float32) {
	for i := range z {
		z[i] = abs1(x[i])
	}
}

func clampGeneric(z []float32, lo, hi float32, x []float32) {
	for i := range z {
		z[i] = clamp1(lo, hi, x[i])
	}
}

// sqrt1 is correctly rounded: a root of 53 bits rounds to 24 as the exact root does.
func sqrt1(x float32) float32 { return float32(math.Sqrt(float64(x))) }

func abs1(x float32) float32 { return math.Float32frombits(math.Float32bits(x) &^ (1 << 31)) }

// clamp1 lets NaN through, and keeps x where it compares equal to a bound.
func clamp1(lo, hi, x float32) float32 {
	if x < lo {
		x = lo
	}
	if x > hi {
		x = hi
	}
	return x
}
