package asm

var peakSink float32 // keeps the compiler from dropping the loop

func peakGeneric(n int) {
	var a, b, c, d float32
	for range n {
		a, b, c, d = FMA(a, 0.5, 1), FMA(b, 0.5, 1), FMA(c, 0.5, 1), FMA(d, 0.5, 1)
	}
	peakSink = a + b + c + d
}
