package tensor

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"spdiff/asm"
)

// benchShapes are channels and side of square images, of some 6272 pixels together.
var benchShapes = [][2]int{{32, 28}, {64, 28}, {128, 14}, {256, 7}, {64, 64}, {128, 32}, {128, 16}, {128, 8}}

// ceiling is the multiply-add rate of registers alone, of one core, in GFLOP/s, now.
func ceiling() float64 {
	const n = 1 << 15
	start := time.Now()
	asm.PeakFMA(n)
	return asm.PeakFlops(n) / float64(time.Since(start).Nanoseconds())
}

// bench times tasks on one worker and reports the best rate for some work in multiply-adds, and the median of its share of
// the ceiling measured just before and just after: the clock changes with the load of the whole machine.
func bench(b *testing.B, work int, tasks []Task) {
	SetWorkers(1)
	defer SetWorkers(0)
	var best float64
	var shares []float64
	Run(tasks...)
	for range b.N {
		before := ceiling()
		start := time.Now()
		Run(tasks...)
		rate := 2 * float64(work) / float64(time.Since(start).Nanoseconds())
		best = max(best, rate)
		shares = append(shares, 200*rate/(before+ceiling()))
	}
	slices.Sort(shares)
	b.ReportMetric(best, "GFLOP/s")
	b.ReportMetric(shares[len(shares)/2], "%ceiling")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkConv times 3×3 convolutions, by nominal work: that of the dense kernel without regard to padding.
func BenchmarkConv(b *testing.B) {
	for _, name := range []string{"3x3", "3x3C4"} {
		k := kernels()[name]
		for _, cs := range benchShapes {
			n := max(1, 8*28*28/(cs[1]*cs[1]))
			s := ConvShape{N: n, H: cs[1], W: cs[1], Cin: cs[0], Cout: cs[0]}
			c, work := NewConv(s, k), s.pixels()*9*s.Cin*s.Cout
			x, z := noise(s.pixels()*s.Cin, 1), noise(s.pixels()*s.Cout, 2)
			w, packed := noise(len(k)*s.Cin*s.Cout, 3), make([]float32, c.PackedLen())
			pack := c.Pack(packed, w)
			title := fmt.Sprintf("%s/c%d/%dpx", name, cs[0], cs[1])
			b.Run(title+"/forward", func(b *testing.B) { bench(b, work, append([]Task{pack}, c.Forward(z, x, packed, nil)...)) })
			b.Run(title+"/dw", func(b *testing.B) { bench(b, work, c.WeightGrad(w, x, z)) })
		}
	}
}

// BenchmarkMatMul times matrix products, packing included.
func BenchmarkMatMul(b *testing.B) {
	for _, s := range [][3]int{{512, 512, 512}, {1024, 1024, 1024}, {2048, 2048, 2048}, {25088, 64, 576}, {6272, 128, 1152},
		{1568, 256, 2304}, {25088, 64, 192}, {6272, 256, 128}, {784, 64, 64}} {
		m, n, k := s[0], s[1], s[2]
		c := NewMatMul(m, k, n, Float32)
		packed := make([]float32, c.PackedLen())
		tasks := append([]Task{c.Pack(packed, noise(k*n, 1))}, c.Forward(make([]float32, m*n), noise(m*k, 2), packed, nil)...)
		b.Run(fmt.Sprintf("%dx%dx%d", m, n, k), func(b *testing.B) { bench(b, m*n*k, tasks) })
	}
}

// BenchmarkWindow times the convolutions of a classifier, whose sizes change: one image's forward pass, and gradients of a batch.
func BenchmarkWindow(b *testing.B) {
	for _, w := range []struct {
		in             ConvShape
		kh, kw, stride int
		pad            Padding
	}{
		{sizes(1, 299, 299, 3, 32), 3, 3, 2, Padding{}},
		{sizes(1, 149, 149, 32, 32), 3, 3, 1, Padding{}},
		{sizes(1, 73, 73, 80, 192), 3, 3, 1, Padding{}},
		{sizes(4, 35, 35, 48, 64), 5, 5, 1, Padding{2, 2, 2, 2}},
		{sizes(4, 35, 35, 288, 384), 3, 3, 2, Padding{}},
		{sizes(4, 17, 17, 128, 128), 1, 7, 1, Padding{0, 3, 0, 3}},
		{sizes(4, 17, 17, 128, 192), 7, 1, 1, Padding{3, 0, 3, 0}},
		{sizes(8, 8, 8, 448, 384), 3, 3, 1, Padding{1, 1, 1, 1}},
		{sizes(16, 32, 32, 64, 128), 4, 4, 2, Padding{1, 1, 1, 1}},
	} {
		c := NewConv(w.in.Window(w.kh, w.kw, w.stride, w.pad))
		back, s := c.Transpose(), c.Shape()
		x, z := noise(s.pixels()*s.Cin, 1), noise(s.outPixels()*s.Cout, 2)
		weights := noise(w.kh*w.kw*s.Cin*s.Cout, 3)
		packed, packedBack := make([]float32, c.PackedLen()), make([]float32, back.PackedLen())
		Run(c.Pack(packed, weights), c.PackTransposed(packedBack, weights))
		work := s.outPixels() * w.kh * w.kw * s.Cin * s.Cout
		title := fmt.Sprintf("%dx%d/%d/c%d-%d/%dpx", w.kh, w.kw, w.stride, s.Cin, s.Cout, s.H)
		b.Run(title+"/forward", func(b *testing.B) { bench(b, work, c.Forward(z, x, packed, nil)) })
		b.Run(title+"/dx", func(b *testing.B) { bench(b, work, back.Forward(x, z, packedBack, nil)) })
		b.Run(title+"/dw", func(b *testing.B) { bench(b, work, c.WeightGrad(weights, x, z)) })
	}
}
