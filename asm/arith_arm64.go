//go:build !purego

package asm

// bulk returns how many of n numbers NEON's kernels take, whole blocks of 16 and not more than callLen; 0 if NEON is off.
func bulk(n int) int {
	if !useNEON {
		return 0
	}
	return min(n, callLen) &^ 15
}

func add(z, x, y []float32) {
	for n := bulk(len(z)); n > 0; n = bulk(len(z)) {
		addNEON(&z[0], &x[0], &y[0], n)
		z, x, y = z[n:], x[n:], y[n:]
	}
	addGeneric(z, x, y)
}

func sub(z, x, y []float32) {
	for n := bulk(len(z)); n > 0; n = bulk(len(z)) {
		subNEON(&z[0], &x[0], &y[0], n)
		z, x, y = z[n:], x[n:], y[n:]
	}
	subGeneric(z, x, y)
}

func mul(z, x, y []float32) {
	for n := bulk(len(z)); n > 0; n = bulk(len(z)) {
		mulNEON(&z[0], &x[0], &y[0], n)
		z, x, y = z[n:], x[n:], y[n:]
	}
	mulGeneric(z, x, y)
}

func div(z, x, y []float32) {
	for n := bulk(len(z)); n > 0; n = bulk(len(z)) {
		divNEON(&z[0], &x[0], &y[0], n)
		z, x, y = z[n:], x[n:], y[n:]
	}
	divGeneric(z, x, y)
}

func larger(z, x, y []float32) {
	for n := bulk(len(z)); n > 0; n = bulk(len(z)) {
		largerNEON(&z[0], &x[0], &y[0], n)
		z, x, y = z[n:], x[n:], y[n:]
	}
	largerGeneric(z, x, y)
}

func mulAdd(z, x, y, w []float32) {
	for n := bulk(len(z)); n > 0; n = bulk(len(z)) {
		mulAddNEON(&z[0], &x[0], &y[0], &w[0], n)
		z, x, y, w = z[n:], x[n:], y[n:], w[n:]
	}
	mulAddGeneric(z, x, y, w)
}

func scale(z []float32, a float32, x []float32) {
	for n := bulk(len(z)); n > 0; n = bulk(len(z)) {
		scaleNEON(&z[0], &x[0], n, a)
		z, x = z[n:], x[n:]
	}
	scaleGeneric(z, a, x)
}

func addScaled(z []float32, a float32, x, y []float32) {
	for n := bulk(len(z)); n > 0; n = bulk(len(z)) {
		addScaledNEON(&z[0], &x[0], &y[0], n, a)
		z, x, y = z[n:], x[n:], y[n:]
	}
	addScaledGeneric(z, a, x, y)
}

func shift(z []float32, a float32, x []float32) {
	for n := bulk(len(z)); n > 0; n = bulk(len(z)) {
		shiftNEON(&z[0], &x[0], n, a)
		z, x = z[n:], x[n:]
	}
	shiftGeneric(z, a, x)
}

func lerp(z []float32, a float32, x, y []float32) {
	for n := bulk(len(z)); n > 0; n = bulk(len(z)) {
		lerpNEON(&z[0], &x[0], &y[0], n, a)
		z, x, y = z[n:], x[n:], y[n:]
	}
	lerpGeneric(z, a, x, y)
}

func sqrt(z, x []float32) {
	for n := bulk(len(z)); n > 0; n = bulk(len(z)) {
		sqrtNEON(&z[0], &x[0], n)
		z, x = z[n:], x[n:]
	}
	sqrtGeneric(z, x)
}

func rsqrt(z, x []float32) {
	for n := bulk(len(z)); n > 0; n = bulk(len(z)) {
		rsqrtNEON(&z[0], &x[0], n)
		z, x = z[n:], x[n:]
	}
	rsqrtGeneric(z, x)
}

func abs(z, x []float32) {
	for n := bulk(len(z)); n > 0; n = bulk(len(z)) {
		absNEON(&z[0], &x[0], n)
		z, x = z[n:], x[n:]
	}
	absGeneric(z, x)
}

func clamp(z []float32, lo, hi float32, x []float32) {
	for n := bulk(len(z)); n > 0; n = bulk(len(z)) {
		clampNEON(&z[0], &x[0], n, lo, hi)
		z, x = z[n:], x[n:]
	}
	clampGeneric(z, lo, hi, x)
}

//go:noescape
func addNEON(z, x, y *float32, n int)

//go:noescape
func subNEON(z, x, y *float32, n int)

//go:noescape
func mulNEON(z, x, y *float32, n int)

//go:noescape
func divNEON(z, x, y *float32, n int)

//go:noescape
func largerNEON(z, x, y *float32, n int)

//go:noescape
func mulAddNEON(z, x, y, w *float32, n int)

//go:noescape
func scaleNEON(z, x *float32, n int, a float32)

//go:noescape
func addScaledNEON(z, x, y *float32, n int, a float32)

//go:noescape
func shiftNEON(z, x *float32, n int, a float32)

//go:noescape
func lerpNEON(z, x, y *float32, n int, a float32)

//go:noescape
func sqrtNEON(z, x *float32, n int)

//go:noescape
func rsqrtNEON(z, x *float32, n int)

//go:noescape
func absNEON(z, x *float32, n int)

//go:noescape
func clampNEON(z, x *float32, n int, lo, hi float32)
