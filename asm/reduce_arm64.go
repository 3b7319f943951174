//go:build !purego

package asm

func sum(s *[16]float32, x []float32) {
	for n := bulk(len(x)); n > 0; n = bulk(len(x)) {
		sumNEON(s, &x[0], n)
		x = x[n:]
	}
	sumGeneric(s, x)
}

func dot(s *[16]float32, x, y []float32) {
	for n := bulk(len(x)); n > 0; n = bulk(len(x)) {
		dotNEON(s, &x[0], &y[0], n)
		x, y = x[n:], y[n:]
	}
	dotGeneric(s, x, y)
}

func maximum(s *[16]float32, x []float32) {
	for n := bulk(len(x)); n > 0; n = bulk(len(x)) {
		maximumNEON(s, &x[0], n)
		x = x[n:]
	}
	maximumGeneric(s, x)
}

//go:noescape
func sumNEON(s *[16]float32, x *float32, n int)

//go:noescape
func dotNEON(s *[16]float32, x, y *float32, n int)

//go:noescape
func maximumNEON(s *[16]float32, x *float32, n int)
