package tensor

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"spdiff/asm"
)

// kernels are the kernels that convolutions are tested with: without shared weights, and shared by flips, by quarter turns
// and by all of the square's symmetries, of odd, even and oblong sizes.
func kernels() map[string]Kernel {
	return map[string]Kernel{
		"1x1":   Dense(1, 1),
		"3x3":   Dense(3, 3),
		"2x2":   Dense(2, 2),
		"4x3":   Dense(4, 3),
		"5x5":   Dense(5, 5),
		"1x7":   Dense(1, 7),
		"3x3C4": {{{0, 0}}, {{-1, 0}, {1, 0}, {0, -1}, {0, 1}}, {{-1, -1}, {1, 1}, {-1, 1}, {1, -1}}},
		"3x3H": {{{-1, -1}, {-1, 1}}, {{-1, 0}}, {{0, -1}, {0, 1}}, {{0, 0}}, {{1, -1}, {1, 1}},
			{{1, 0}}},
		"2x2C2": {{{0, 0}, {1, 1}}, {{0, 1}, {1, 0}}},
		"5x5D4": {{{-2, -1}, {2, 1}, {-2, 1}, {2, -1}, {-1, 2}, {1, -2}, {-1, -2}, {1, 2}}, {{0, 0}},
			{{-2, -2}, {2, 2}, {-2, 2}, {2, -2}}},
	}
}

// sizes is a shape without a stride.
func sizes(n, h, w, cin, cout int) ConvShape {
	return ConvShape{N: n, H: h, W: w, Cin: cin, Cout: cout}
}

// slowSum is the input of orbit o at output pixel (n, y, x), channel i, and whether any tap is on the image.
func slowSum(s ConvShape, orbit []Tap, in []float32, n, y, x, i int) (float32, bool) {
	leaves, some := make([]float32, len(orbit)), false
	for j, t := range orbit {
		yy, xx := s.Stride*y+t[0], s.Stride*x+t[1]
		if yy%s.Up == 0 && xx%s.Up == 0 && yy >= 0 && yy/s.Up < s.H && xx >= 0 && xx/s.Up < s.W {
			leaves[j], some = in[((n*s.H+yy/s.Up)*s.W+xx/s.Up)*s.Cin+i], true
		}
	}
	for len(leaves) > 1 {
		for j := range len(leaves) / 2 {
			leaves[j] = leaves[2*j] + leaves[2*j+1]
		}
		leaves = leaves[:len(leaves)/2]
	}
	return leaves[0], some
}

// eachPixel calls f for the pixels of all images of the output in order.
func eachPixel(s ConvShape, f func(p, n, y, x int)) {
	s = s.filled()
	p := 0
	for n := range s.N {
		for y := range s.OutH {
			for x := range s.OutW {
				f(p, n, y, x)
				p++
			}
		}
	}
}

// slowForward is the convolution as its documentation states it: w (o, i, j) is at w[(o·Cin+i)·row + j·col].
func slowForward(s ConvShape, k Kernel, x, w, bias []float32, transposed bool) []float32 {
	s = s.filled()
	z := make([]float32, s.outPixels()*s.Cout)
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
					if v, some := slowSum(s, orbit, x, n, py, px, i); some || k.tied() {
						acc = asm.FMA(v, w[at], acc)
					}
				}
			}
			z[p*s.Cout+j] = acc
		}
	})
	return z
}

// A slowParts adds up a weight gradient, the sums of each part of the pixels apart.
type slowParts struct {
	firsts      []int // pixels of the parts
	sums, added []float32
}

// newSlowParts cuts the pixels of images: between any two if single, else between image rows.
func newSlowParts(s ConvShape, single bool, weights, least int) *slowParts {
	s = s.filled()
	n, pixels, unit := 1, s.outPixels(), s.OutW
	for n < 16 && 2*n*least <= pixels && 2*n*weights <= 1<<21 {
		n *= 2
	}
	if single {
		unit = 1
	}
	p := &slowParts{sums: make([]float32, weights)}
	for i := range n {
		p.firsts = append(p.firsts, pixels/unit*i/n*unit)
	}
	return p
}

// begin is told of each pixel.
func (s *slowParts) begin(p int) {
	if p > 0 && slices.Contains(s.firsts, p) {
		s.total()
		s.sums = make([]float32, len(s.sums))
	}
}

// total adds the last part.
func (s *slowParts) total() []float32 {
	if s.added == nil {
		s.added = s.sums
		return s.added
	}
	for i, v := range s.sums {
		s.added[i] += v
	}
	return s.added
}

func slowWeightGrad(s ConvShape, k Kernel, x, dz []float32) []float32 {
	s = s.filled()
	single := len(k) == 1 && len(k[0]) == 1 && k[0][0] == (Tap{}) && s.plain()
	dw := newSlowParts(s, single, len(k)*s.Cin*s.Cout, 1536)
	eachPixel(s, func(p, n, py, px int) {
		dw.begin(p)
		for o, orbit := range k {
			for i := range s.Cin {
				v, some := slowSum(s, orbit, x, n, py, px, i)
				if !some && !k.tied() {
					continue
				}
				for j := range s.Cout {
					at := (o*s.Cin+i)*s.Cout + j
					dw.sums[at] = asm.FMA(v, dz[p*s.Cout+j], dw.sums[at])
				}
			}
		}
	})
	return dw.total()
}

// noise returns n numbers without a pattern in −1…1.
func noise(n int, seed uint32) []float32 {
	x := make([]float32, n)
	for i := range x {
		seed = seed*1664525 + 1013904223
		x[i] = float32(int32(seed)>>8) / (1 << 23)
	}
	return x
}

// sameBits fails the test at the first difference.
func sameBits(t *testing.T, what string, got, want []float32) {
	t.Helper()
	for i := range want {
		if math.Float32bits(got[i]) != math.Float32bits(want[i]) {
			t.Fatalf("%s: element %d is %v (%x), not %v (%x)", what, i, got[i], math.Float32bits(got[i]), want[i], math.Float32bits(want[i]))
		}
	}
}

// convShapes are sizes at which the cutting into runs, tiles, panels and blocks takes its turns.
var convShapes = []ConvShape{
	sizes(1, 1, 1, 1, 1), sizes(3, 2, 2, 3, 5), sizes(2, 5, 7, 4, 33), sizes(17, 3, 3, 2, 18), sizes(1, 9, 31, 5, 40), sizes(2, 16, 4, 17, 16),
	sizes(1, 4, 29, 1, 70), sizes(30, 1, 2, 3, 3),
}

// onEachISA runs f once for each instruction set that there is here.
func onEachISA(t *testing.T, f func(t *testing.T)) {
	for _, isa := range asm.Available() {
		t.Run(isa, func(t *testing.T) {
			defer asm.SetISA(asm.ISA())
			if err := asm.SetISA(isa); err != nil {
				t.Fatal(err)
			}
			f(t)
		})
	}
}

// TestConv holds the convolution and both its gradients against the slow statement, bit by bit.
func TestConv(t *testing.T) {
	for name, k := range kernels() {
		for _, s := range convShapes {
			t.Run(fmt.Sprintf("%s/%v", name, s), func(t *testing.T) { checkConv(t, s, k) })
		}
	}
}

// checkConv makes the slow statement once, for every instruction set.
func checkConv(t *testing.T, s ConvShape, k Kernel) {
	c := NewConv(s, k)
	s = c.Shape()
	x, dz := noise(s.pixels()*s.Cin, 1), noise(s.outPixels()*s.Cout, 2)
	w, bias := noise(len(k)*s.Cin*s.Cout, 3), noise(s.Cout, 4)
	biased, bare := slowForward(s, k, x, w, bias, false), slowForward(s, k, x, w, nil, false)
	slowDx, slowDw := slowForward(c.Transpose().s, k.negated(), dz, w, nil, true), slowWeightGrad(s, k, x, dz)
	checkAdjoint(t, x, slowDx, bare, dz, w, slowDw)
	checkEach(t, onEachISA, func() *Conv { return NewConv(s, k) }, stated{x, dz, w, bias, biased, bare, slowDx, slowDw})
}

// A convolution is what Conv, GroupConv and PlaneConv have in common.
type convolution[C any] interface {
	Transpose() C
	PackedLen() int
	Pack(packed, w []float32) Task
	PackTransposed(packed, w []float32) Task
	Forward(z, x, packed, bias []float32) []Task
	WeightGrad(dw, x, dz []float32) []Task
}

// stated is what a convolution and its gradients are by the slow statements, and of what.
type stated struct {
	x, dz, w, bias []float32
	z, bare        []float32 // with bias and without; bare nil: not checked
	dx, dw         []float32
}

// checkEach holds the convolution, which is made on each, against what is stated, bit by bit.
func checkEach[C convolution[C]](t *testing.T, each func(*testing.T, func(*testing.T)), anew func() C, s stated) {
	each(t, func(t *testing.T) {
		c := anew()
		b := c.Transpose()
		z, dx, dw := noise(len(s.z), 5), noise(len(s.dx), 6), noise(len(s.dw), 7) // what was there must not matter
		packed, back := noise(c.PackedLen(), 8), noise(b.PackedLen(), 9)
		Run(c.Pack(packed, s.w))
		Run(c.Forward(z, s.x, packed, s.bias)...)
		sameBits(t, "z", z, s.z)
		if s.bare != nil {
			Run(c.Forward(z, s.x, packed, nil)...)
			sameBits(t, "z without bias", z, s.bare)
		}

		Run(c.PackTransposed(back, s.w))
		Run(b.Forward(dx, s.dz, back, nil)...)
		sameBits(t, "dx", dx, s.dx)

		Run(c.WeightGrad(dw, s.x, s.dz)...)
		sameBits(t, "dw", dw, s.dw)
	})
}

// checkAdjoint checks ⟨z, dz⟩ = ⟨x, dx⟩ = ⟨w, dw⟩, which holds for any bilinear z(x, w) and its gradients.
func checkAdjoint(t *testing.T, x, dx, z, dz, w, dw []float32) {
	t.Helper()
	a, scale := dot64(z, dz)
	for _, p := range [][2][]float32{{x, dx}, {w, dw}} {
		if b, _ := dot64(p[0], p[1]); math.Abs(a-b) > 1e-5*scale+1e-5 {
			t.Errorf("⟨z, dz⟩ = %v, but a gradient gives %v", a, b)
		}
	}
}

// dot64 returns ⟨x, y⟩ and the sum of the products' sizes.
func dot64(x, y []float32) (sum, size float64) {
	for i := range x {
		p := float64(x[i]) * float64(y[i])
		sum += p
		size += math.Abs(p)
	}
	return sum, size
}
