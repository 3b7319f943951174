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

// peakFused does three rounds at a time, twelve chains: fewer do not hide the latency where the compiler does not fuse, and a link is two
// operations. They begin with other numbers, or the compiler would make one chain of all.
func peakFused(n int) {
	a, b, c, d, e, f := float32(0), float32(1), float32(3), float32(4), float32(5), float32(6)
	g, h, j, k, l, m := float32(7), float32(8), float32(9), float32(10), float32(11), float32(12)
	for i := 0; i < n; i += 3 {
		a, b, c, d, e, f = a*0.5+1, b*0.5+1, c*0.5+1, d*0.5+1, e*0.5+1, f*0.5+1
		g, h, j, k, l, m = g*0.5+1, h*0.5+1, j*0.5+1, k*0.5+1, l*0.5+1, m*0.5+1
	}
	peakSink = a + b + c + d + e + f + g + h + j + k + l + m
}
