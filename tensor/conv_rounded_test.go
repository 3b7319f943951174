package tensor

import (
	"fmt"
	"math"
	"testing"

	"spdiff/asm"
)

// onEachForm is onEachISA, and for operands in pairs.
func onEachForm(t *testing.T, f func(t *testing.T)) {
	onEachISA(t, f)
	t.Run("pairs", func(t *testing.T) {
		defer asm.SetISA(asm.ISA())
		if err := asm.SetISA("pairs"); err != nil {
			t.Fatal(err)
		}
		f(t)
	})
}

// slowSteps adds the products of x and w to z in steps of 32, as asm.TileBF16 says, of numbers that are far from the smallest.
func slowSteps(z float32, x, w []float32) float32 {
	for k := 0; k < len(x); k += 32 {
		var e [2]float32
		for i := k; i < min(k+32, len(x)); i++ {
			e[i%2] = asm.FMA(asm.BF16(x[i]), asm.BF16(w[i]), e[i%2])
		}
		z += e[0] + e[1]
	}
	return z
}

// slowRounded is the convolution of bf16 as its documentation states it, in which what is off the image is zero: w is (o, i, j), or transposed
// (o, j, i).
func slowRounded(s ConvShape, k Kernel, x, w, bias []float32, transposed bool) []float32 {
	s = s.filled()
	z := make([]float32, s.outPixels()*s.Cout)
	in, weights := make([]float32, s.Cin), make([]float32, s.Cin)
	eachPixel(s, func(p, n, py, px int) {
		for j := range s.Cout {
			var acc float32
			if bias != nil {
				acc = bias[j]
			}
			for o, orbit := range k {
				for i := range s.Cin {
					at := (o*s.Cin+i)*s.Cout + j
					if transposed {
						at = (o*s.Cout+j)*s.Cin + i
					}
					in[i], _ = slowSum(s, orbit, x, n, py, px, i)
					weights[i] = w[at]
				}
				acc = slowSteps(acc, in, weights)
			}
			z[p*s.Cout+j] = acc
		}
	})
	return z
}

// slowRuns cuts the rows of a part into the runs of a weight gradient: rows of one image, or of all numbered through if no tap moves.
func slowRuns(from, to, h, line int, through bool) (runs [][2]int) {
	per := max(1, 1088/line)
	for at := from; at < to; {
		end := min(to, (at/h+1)*h)
		if through {
			end = to
		}
		n := end - at
		pieces := (n + per - 1) / per
		for i := range pieces {
			if through {
				runs = append(runs, [2]int{at + i*per, min(at+(i+1)*per, to)})
			} else {
				runs = append(runs, [2]int{at + n*i/pieces, at + n*(i+1)/pieces})
			}
		}
		at = end
	}
	return runs
}

// slowRoundedGrad is the weight gradient of bf16.
func slowRoundedGrad(s ConvShape, k Kernel, x, dz []float32) []float32 {
	s = s.filled()
	weights, single := len(k)*s.Cin*s.Cout, len(k) == 1 && len(k[0]) == 1 && k[0][0] == (Tap{})
	if single {
		s.N, s.H, s.W = 1, s.pixels(), 1
		s.OutH, s.OutW = s.H, s.W
	}
	mx, my := 0, 0
	for _, orbit := range k {
		if !k.tied() {
			my, mx = max(my, orbit[0][0], -orbit[0][0]), max(mx, orbit[0][1], -orbit[0][1])
		}
	}
	parts := 1
	for parts < 16 && 2*parts*1536 <= s.pixels() && 2*parts*weights <= 1<<21 {
		parts *= 2
	}
	var dw []float32
	for part := range parts {
		sums := make([]float32, weights)
		if mx+my > 0 && s.W <= 32 && (s.N+31)/32*32*s.H*s.W <= s.N*((s.H*(s.W+mx)+31)/32*32) {
			slowImages(sums, s, k, x, dz, part, parts)
		} else {
			slowPlaces(sums, s, k, x, dz, mx, slowRuns(s.N*s.H*part/parts, s.N*s.H*(part+1)/parts, s.H, s.W+mx, mx+my == 0))
		}
		if part == 0 {
			dw = sums
			continue
		}
		for i, v := range sums {
			dw[i] += v
		}
	}
	return dw
}

// slowPlaces adds what runs of image rows, mx zeros after each, have of a weight gradient.
func slowPlaces(sums []float32, s ConvShape, k Kernel, x, dz []float32, mx int, runs [][2]int) {
	for _, run := range runs {
		eachWeight(s, k, func(o, i, j, at int) {
			var xs, ws []float32
			for row := run[0]; row < run[1]; row++ {
				for px := range s.W + mx {
					if px >= s.W {
						xs, ws = append(xs, 0), append(ws, 0)
						continue
					}
					v, _ := slowSum(s, k[o], x, row/s.H, row%s.H, px, i)
					xs, ws = append(xs, v), append(ws, dz[(row*s.W+px)*s.Cout+j])
				}
			}
			sums[at] = slowSteps(sums[at], xs, ws)
		})
	}
}

// slowImages adds what a part of the pixels, numbered through the blocks of 32 images, has of a weight gradient.
func slowImages(sums []float32, s ConvShape, k Kernel, x, dz []float32, part, parts int) {
	pixels := (s.N + 31) / 32 * s.H * s.W
	for p := pixels * part / parts; p < pixels*(part+1)/parts; p++ {
		block, y, px := p/(s.H*s.W), p/s.W%s.H, p%s.W
		eachWeight(s, k, func(o, i, j, at int) {
			var xs, ws []float32
			for n := 32 * block; n < min(32*block+32, s.N); n++ {
				v, seen := slowSum(s, k[o], x, n, y, px, i)
				if !seen {
					return
				}
				xs, ws = append(xs, v), append(ws, dz[((n*s.H+y)*s.W+px)*s.Cout+j])
			}
			sums[at] = slowSteps(sums[at], xs, ws)
		})
	}
}

// eachWeight calls f for each weight (o, i, j), which is number at.
func eachWeight(s ConvShape, k Kernel, f func(o, i, j, at int)) {
	for o := range k {
		for i := range s.Cin {
			for j := range s.Cout {
				f(o, i, j, (o*s.Cin+i)*s.Cout+j)
			}
		}
	}
}

// roundedShapes are sizes at which the cutting takes its turns: depths below, at and above a step and its multiples.
var roundedShapes = []ConvShape{
	sizes(1, 1, 8, 8, 1), sizes(3, 2, 2, 31, 5), sizes(2, 5, 7, 32, 33), sizes(17, 3, 3, 33, 18), sizes(1, 9, 31, 9, 40), sizes(2, 16, 4, 64, 16),
	sizes(1, 4, 29, 12, 8), sizes(32, 3, 2, 8, 9), sizes(64, 2, 11, 33, 8), sizes(23, 1, 7, 9, 8),
}

// TestRounded holds the convolution of bf16 and both its gradients against the slow statement, bit by bit.
func TestRounded(t *testing.T) {
	for name, k := range kernels() {
		for i, s := range roundedShapes {
			if testing.Short() && (i+len(name))%4 != 0 {
				continue // minutes where a machine is emulated
			}
			t.Run(fmt.Sprintf("%s/%v", name, s), func(t *testing.T) { checkRounded(t, s, k) })
		}
	}
}

// TestRoundedLarge is TestRounded at sizes where images, runs and parts are cut.
func TestRoundedLarge(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: large images, which take minutes where a machine is emulated")
	}
	for _, name := range []string{"1x1", "3x3", "3x3C4", "1x7"} {
		for _, s := range []ConvShape{sizes(2, 40, 40, 8, 9), sizes(40, 7, 7, 8, 8), sizes(1, 131, 50, 8, 3), sizes(94, 7, 9, 8, 8), sizes(98, 8, 8, 8, 4), sizes(32, 9, 33, 8, 8)} {
			t.Run(fmt.Sprintf("%s/%v", name, s), func(t *testing.T) { checkRounded(t, s, kernels()[name]) })
		}
	}
}

// checkRounded makes the slow statement once, for every form of the product.
func checkRounded(t *testing.T, s ConvShape, k Kernel) {
	s.Precision = BF16
	c := NewConv(s, k)
	s = c.Shape()
	x, dz := noise(s.pixels()*s.Cin, 1), noise(s.outPixels()*s.Cout, 2)
	w, bias := noise(len(k)*s.Cin*s.Cout, 3), noise(s.Cout, 4)
	back, grad := slowRounded, slowRoundedGrad
	if s.Cout < 8 { // too small a depth
		back = slowForward
	}
	if s.pixels() < 8 {
		grad = slowWeightGrad
	}
	slowZ, slowDx, slowDw := slowRounded(s, k, x, w, bias, false), back(c.Transpose().s, k.negated(), dz, w, nil, true), grad(s, k, x, dz)
	checkEach(t, onEachForm, func() *Conv { return NewConv(s, k) }, stated{x, dz, w, bias, slowZ, nil, slowDx, slowDw})
}

// Weight gradients of what is not finite are the same numbers, or no numbers, in every form: the last step is a whole one everywhere.
func TestRoundedInfinite(t *testing.T) {
	s := sizes(1, 28, 28, 8, 8)
	s.Precision = BF16
	s = NewConv(s, Dense(3, 3)).Shape()
	x, dz := noise(s.pixels()*s.Cin, 1), noise(s.outPixels()*s.Cout, 2)
	x[27*28*s.Cin] = float32(math.Inf(1)) // which the last step of the taps above it goes over
	var want []float32
	onEachForm(t, func(t *testing.T) {
		dw := make([]float32, 9*s.Cin*s.Cout)
		Run(NewConv(s, Dense(3, 3)).WeightGrad(dw, x, dz)...)
		if want == nil {
			want = dw
		}
		for i, v := range dw {
			if w := want[i]; math.Float32bits(v) != math.Float32bits(w) && !(v != v && w != w) {
				t.Fatalf("number %d is %v, and was %v in the form before", i, v, w)
			}
		}
	})
}

// Zeros stand between image rows where these fill four fifths of half tiles of 16, and copies where they do not.
func TestFills(t *testing.T) {
	defer asm.SetISA(asm.ISA())
	if err := asm.SetISA("pairs"); err != nil {
		t.Fatal(err)
	}
	for w, want := range map[int]bool{7: false, 8: false, 12: false, 13: true, 14: true, 16: true, 17: false, 25: false, 26: true, 28: true, 32: true, 64: true} {
		s := sizes(1, w, w, 8, 8)
		s.Precision = BF16
		if got := (&forward{Conv: NewConv(s, Dense(3, 3))}).fills(); got != want {
			t.Errorf("%d pixels across: %v, want %v", w, got, want)
		}
	}
}

// What is off the image counts as zeros and is not skipped: times an infinite weight they are no numbers, in every form.
func TestRoundedOffImage(t *testing.T) {
	for _, side := range []int{7, 16, 40} { // in copies, and with zeros between image rows
		s := sizes(1, side, side, 8, 8)
		s.Precision = BF16
		x, w := noise(side*side*8, 1), noise(9*8*8, 2)
		w[0] = float32(math.Inf(1)) // of the tap up to the left, from channel 0 to 0
		onEachForm(t, func(t *testing.T) {
			c := NewConv(s, Dense(3, 3))
			packed, z := make([]float32, c.PackedLen()), make([]float32, len(x))
			Run(append([]Task{c.Pack(packed, w)}, c.Forward(z, x, packed, nil)...)...)
			for p := range side * side {
				off := p < side || p%side == 0
				if v := z[p*8]; (v != v) != off || v == v && !math.IsInf(float64(v), 0) {
					t.Fatalf("%d pixels across: pixel %d is %v", side, p, v)
				}
			}
		})
	}
}

// A tap that is there twice, which does not move, has one gradient twice, of all images.
func TestRoundedTwice(t *testing.T) {
	s := sizes(3, 8, 8, 8, 8)
	s.Precision = BF16
	twice := NewConv(s, Kernel{{{0, 0}}, {{0, 0}}})
	s = twice.Shape()
	x, dz := noise(s.pixels()*s.Cin, 1), noise(s.outPixels()*s.Cout, 2)
	dw, once := make([]float32, 2*s.Cin*s.Cout), make([]float32, s.Cin*s.Cout)
	onEachForm(t, func(t *testing.T) {
		Run(twice.WeightGrad(dw, x, dz)...)
		Run(NewConv(s, Dense(1, 1)).WeightGrad(once, x, dz)...)
		for i, v := range dw {
			if w := once[i%len(once)]; math.Abs(float64(v-w)) > 1e-4*(1+math.Abs(float64(w))) {
				t.Fatalf("number %d is %v, and of the tap alone %v", i, v, w)
			}
		}
	})
}

// Multiply-adds are counted beyond 32 bits, on machines of 32 too.
func TestRoundedBoxes(t *testing.T) {
	s := sizes(148, 7, 7, 256, 256)
	s.Precision = BF16
	if n := len((&forward{Conv: NewConv(s, Dense(3, 3))}).roundedBoxes().all); n < unitsWanted || n > s.N {
		t.Errorf("%d images are %d boxes", s.N, n)
	}
}

// Places are counted beyond 32 bits, on machines of 32 too.
func TestEvenSpan(t *testing.T) {
	if got := evenSpan(1<<21, 1023, 1024); got != (span{1<<21 - 1<<11, 1 << 21}) {
		t.Errorf("the last of 1,024 parts of 2,097,152 things is %v", got)
	}
}
