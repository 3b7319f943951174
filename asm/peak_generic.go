package asm

var peakSink float32 // keeps the compiler from dropping the loops

func peakGeneric(n int) {
	if fused {
		peakFused(n)
		return
	}
	var a, b, c, d float32
	for range n {
		a, b, c, d = FMA(a, 0.5, 1), FMA(b, 0.5, 1), FMA(c, 0.5, 1), FMA(d, 0.5, 1)
	}
	peakSink = a + b + c + d
}

// peakFused does two rounds at a time, eight chains: four do not hide the latency of an addition. Where the compiler does not fuse, a link
// is two operations.
func peakFused(n int) {
	var a, b, c, d, e, f, g, h float32
	for i := 0; i < n; i += 2 {
		a, b, c, d = a*0.5+1, b*0.5+1, c*0.5+1, d*0.5+1
		e, f, g, h = e*0.5+1, f*0.5+1, g*0.5+1, h*0.5+1
	}
	peakSink = a + b + c + d + e + f + g + h
}
