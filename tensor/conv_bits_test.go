package tensor

import (
	"errors"
	"fmt"
	"testing"
)

// TestConvLarge is TestConv at sizes where calls, chunks, channels, and the pixels of weight gradients are cut.
func TestConvLarge(t *testing.T) {
	for _, name := range []string{"1x1", "3x3", "3x3C4"} {
		for _, s := range []ConvShape{sizes(9, 24, 20, 1, 64), sizes(1, 40, 16, 48, 33), sizes(1, 131, 50, 2, 3)} {
			t.Run(fmt.Sprintf("%s/%v", name, s), func(t *testing.T) { checkConv(t, s, kernels()[name]) })
		}
	}
}

// TestMatMul holds the matrix product against three loops: few rows and many channels, several chunks of rows, many panels, and
// chunks of so many rows that what is fetched ahead is counted beyond 32 bits, on machines of 32 too.
func TestMatMul(t *testing.T) {
	for _, s := range [][3]int{{1, 1, 1}, {1, 300, 70}, {13, 2500, 3}, {64, 17, 33}, {200, 9, 5}, {3, 1201, 40}, {1000, 1100, 3}, {20, 20, 4800}, {100_000, 1, 1}} {
		m, k, n := s[0], s[1], s[2]
		x, w := noise(m*k, 2), noise(k*n, 3)
		want := slowForward(ConvShape{N: 1, H: 1, W: m, Cin: k, Cout: n}, Dense(1, 1), x, w, nil, false)
		onEachISA(t, func(t *testing.T) {
			z := noise(m*n, 1)
			MatMul(z, x, w, m, k, n)
			sameBits(t, fmt.Sprint(s), z, want)
		})
	}
}

// TestConvWorkers demands the same bits from any number of workers.
func TestConvWorkers(t *testing.T) {
	defer SetWorkers(0)
	s := ConvShape{N: 5, H: 14, W: 13, Cin: 19, Cout: 34}
	if testing.Short() {
		s.N = 2 // a minute where a machine is emulated, or races are looked for
	}
	check := func(name string, s ConvShape, k Kernel) {
		c := NewConv(s, k)
		var first [2][]float32
		for workers := 1; workers <= 3; workers++ {
			SetWorkers(workers)
			z, dw, packed := noise(s.pixels()*s.Cout, 1), noise(len(k)*s.Cin*s.Cout, 2), make([]float32, c.PackedLen())
			x := noise(s.pixels()*s.Cin, 3)
			Run(c.Pack(packed, noise(len(dw), 4)))
			Run(c.Forward(z, x, packed, nil)...)
			Run(c.WeightGrad(dw, x, z)...)
			if workers == 1 {
				first = [2][]float32{z, dw}
			}
			sameBits(t, fmt.Sprintf("%s, z with %d workers", name, workers), z, first[0])
			sameBits(t, fmt.Sprintf("%s, dw with %d workers", name, workers), dw, first[1])
		}
	}
	eachProduct(s, check)
	if testing.Short() {
		return
	}
	s.N = 96
	s.Precision = BF16
	check("3x3 of 96 images, bf16", s, Dense(3, 3))
}

// eachProduct calls f for each kernel in each precision.
func eachProduct(s ConvShape, f func(name string, s ConvShape, k Kernel)) {
	for name, k := range kernels() {
		for _, p := range Precisions() {
			s.Precision = p
			f(fmt.Sprintf("%s, %v", name, p), s, k)
		}
	}
}

// TestConvBatch demands the same bits for an image alone and in any place of a batch.
func TestConvBatch(t *testing.T) {
	eachProduct(ConvShape{N: 29, W: 6, Cin: 9, Cout: 20}, func(name string, s ConvShape, k Kernel) {
		for _, h := range []int{2, 7, 11} {
			s := s
			s.H = h
			c := NewConv(s, k)
			w, bias, x := noise(len(k)*s.Cin*s.Cout, 1), noise(s.Cout, 2), noise(s.pixels()*s.Cin, 3)
			z, packed := make([]float32, s.pixels()*s.Cout), make([]float32, c.PackedLen())
			Run(c.Pack(packed, w))
			Run(c.Forward(z, x, packed, bias)...)
			s.N = 1
			one := make([]float32, s.pixels()*s.Cout)
			for _, n := range []int{0, 13, 28} {
				Run(NewConv(s, k).Forward(one, x[n*len(x)/29:][:len(x)/29], packed, bias)...)
				sameBits(t, fmt.Sprintf("%s, image %d of height %d", name, n, h), one, z[n*len(one):][:len(one)])
			}
		}
	})
}

// TestConvAllocates demands that a run takes no new memory, once it has run.
func TestConvAllocates(t *testing.T) {
	for _, n := range []int{3, 32} {
		eachProduct(ConvShape{N: n, H: 12, W: 12, Cin: 20, Cout: 24}, func(name string, s ConvShape, k Kernel) {
			checkAllocates(t, fmt.Sprintf("%s, %d images", name, n), s, k)
		})
	}
}

func checkAllocates(t *testing.T, name string, s ConvShape, k Kernel) {
	c := NewConv(s, k)
	x, z, dw := noise(s.pixels()*s.Cin, 1), noise(s.pixels()*s.Cout, 2), noise(len(k)*s.Cin*s.Cout, 3)
	packed := make([]float32, c.PackedLen())
	tasks := append([]Task{c.Pack(packed, dw)}, c.Forward(z, x, packed, nil)...)
	tasks = append(tasks, c.WeightGrad(dw, x, z)...)
	SetWorkers(1)
	n := testing.AllocsPerRun(5, func() { Run(tasks...) })
	SetWorkers(0)
	if n != 0 {
		t.Errorf("%s: %v allocations a run", name, n)
	}
}

// TestConvErrors demands a *ConvError for what cannot be.
func TestConvErrors(t *testing.T) {
	s := sizes(1, 3, 3, 2, 2)
	c := NewConv(s, Dense(3, 3))
	x, w, packed := make([]float32, 18), make([]float32, 36), make([]float32, c.PackedLen())
	convErrors(t, map[string]func(){
		"size":   func() { NewConv(sizes(1, 0, 3, 2, 2), Dense(3, 3)) },
		"empty":  func() { NewConv(s, nil) },
		"orbit":  func() { NewConv(s, Kernel{{{0, 0}, {0, 1}, {1, 0}}}) },
		"x":      func() { c.Forward(x, x[1:], packed, nil) },
		"z":      func() { c.Forward(x[1:], x, packed, nil) },
		"packed": func() { c.Forward(x, x, packed[1:], nil) },
		"bias":   func() { c.Forward(x, x, packed, x[:1]) },
		"w":      func() { c.Pack(packed, w[1:]) },
		"back":   func() { c.PackTransposed(packed[1:], w) },
		"dw":     func() { c.WeightGrad(w[1:], x, x) },
		"matrix": func() { NewMatMul(3, 2, 0, Float32) },
		"bits":   func() { NewConv(ConvShape{N: 1, H: 3, W: 3, Cin: 2, Cout: 2, Precision: 7}, Dense(3, 3)) },
		"below":  func() { NewMatMul(3, 2, 2, -1) },
		"row":    func() { MatMul(x[:6], x[:5], w[:4], 3, 2, 2) },
	})
}

// convErrors demands that each function panics with a *ConvError.
func convErrors(t *testing.T, cases map[string]func()) {
	for name, f := range cases {
		t.Run(name, func(t *testing.T) {
			defer func() {
				var e *ConvError
				if err, ok := recover().(error); !ok || !errors.As(err, &e) {
					t.Error("no *ConvError")
				}
			}()
			f()
		})
	}
}

// FuzzUnits demands that the units of a convolution cover every output once, in every panel, whatever its stride or that of its
// transpose.
func FuzzUnits(f *testing.F) {
	for i, s := range convShapes {
		f.Add(s.N, s.H, s.W, s.Cin, s.Cout, i%4, i%3)
	}
	f.Add(98, 8, 8, 128, 128, 1, 0)
	f.Add(1, 64, 64, 64, 64, 1, 0)
	f.Fuzz(func(t *testing.T, n, h, w, cin, cout, stride, pad int) {
		s := sizes(1+n&127, 1+h&63, 1+w&63, 1+cin&255, 1+cout&255)
		pad &= 3
		s, k := s.Window(1, 1, 1+stride&3, Padding{pad, pad, pad, pad})
		c := NewConv(s, k)
		checkUnits(t, c)
		checkUnits(t, c.Transpose())
	})
}

func checkUnits(t *testing.T, c *Conv) {
	t.Helper()
	seen := make([]uint8, c.s.outPixels()*c.m.count())
	for _, u := range c.units(c.s.Cin) {
		u.eachRun(1<<20, func(r run) {
			at := r.z.in(1)
			for tile := range r.count {
				for i := range r.rows {
					p := tile*at.Tile + i*at.Row
					if h := (r.rows + 1) / 2; i >= h {
						p += at.Gap - h*at.Row
					}
					seen[u.panel*c.s.outPixels()+r.z.first+p]++
				}
			}
		})
	}
	for i, times := range seen {
		if times != 1 {
			t.Fatalf("%+v: output %d is computed %d times", c.s, i, times)
		}
	}
}
