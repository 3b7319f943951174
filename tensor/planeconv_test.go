package tensor

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"spdiff/asm"
)

// shuffled is a kernel of kh×kw taps that planes read in orders without a pattern, all different but the first, which is the
// plain one: no group has such orders, and no order may be mistaken for another.
func shuffled(kh, kw, planes int) PlaneKernel {
	var k PlaneKernel
	for _, o := range Dense(kh, kw) {
		k.Taps = append(k.Taps, o[0])
	}
	r := rand.New(rand.NewPCG(uint64(kh), uint64(kw)))
	for plane := range planes {
		order := r.Perm(len(k.Taps))
		if plane == 0 {
			slices.Sort(order)
		}
		k.Orders = append(k.Orders, order)
	}
	return k
}

// slowPlaneForward is the convolution as its documentation states it: w (t, i, j) is at w[(t·Cin+i)·Cout + j], or
// transposed.
func slowPlaneForward(s ConvShape, in, out int, k PlaneKernel, x, w, bias []float32, transposed bool) []float32 {
	z := make([]float32, s.pixels()*s.Cout)
	cin, cols := s.Cin/in, s.Cout/out
	eachPixel(s, func(p, n, py, px int) {
		for j := range s.Cout {
			leaves := make([]float32, in)
			for plane := range in {
				order := plane
				if in == 1 {
					order = j / cols
				}
				acc := float32(0)
				if bias != nil {
					acc = bias[j] / float32(in)
				}
				for _, t := range k.Orders[order] {
					y, x1 := py+k.Taps[t][0], px+k.Taps[t][1]
					if y < 0 || y >= s.H || x1 < 0 || x1 >= s.W {
						continue
					}
					for i := plane * cin; i < (plane+1)*cin; i++ {
						at := (t*s.Cin+i)*s.Cout + j
						if transposed {
							at = (t*s.Cout+j)*s.Cin + i
						}
						acc = asm.FMA(x[((n*s.H+y)*s.W+x1)*s.Cin+i], w[at], acc)
					}
				}
				leaves[plane] = acc
			}
			z[p*s.Cout+j] = folded(leaves)
		}
	})
	return z
}

// folded adds the second half of numbers to the first, and so on.
func folded(leaves []float32) float32 {
	for n := len(leaves) / 2; n > 0; n /= 2 {
		for l := range n {
			leaves[l] += leaves[n+l]
		}
	}
	return leaves[0]
}

// planeShapes are sizes, channels those of a plane, at which the cutting into runs, tiles, panels and terms takes its turns.
var planeShapes = []ConvShape{sizes(1, 1, 1, 1, 1), sizes(9, 3, 3, 2, 3), sizes(2, 5, 7, 4, 9), sizes(1, 9, 17, 5, 10), sizes(2, 8, 4, 17, 4), sizes(1, 20, 17, 1, 5)}

// The convolution and both its gradients against the slow statement, bit by bit.
func TestPlaneConv(t *testing.T) {
	for _, planes := range []int{2, 4, 8} {
		for _, size := range [][2]int{{1, 1}, {3, 3}, {2, 5}} {
			for _, s := range planeShapes[:4] {
				for _, way := range [][2]int{{1, planes}, {planes, 1}} {
					s := s
					s.Cin, s.Cout = s.Cin*way[0], s.Cout*way[1]
					t.Run(fmt.Sprintf("%v/%v/%v", way, size, s), func(t *testing.T) {
						checkPlaneConv(t, s, way[0], way[1], shuffled(size[0], size[1], planes))
					})
				}
			}
		}
	}
}

// checkPlaneConv makes the slow statement once, for every instruction set.
func checkPlaneConv(t *testing.T, s ConvShape, in, out int, k PlaneKernel) {
	x, dz := noise(s.pixels()*s.Cin, 1), noise(s.pixels()*s.Cout, 2)
	w, bias := noise(len(k.Taps)*s.Cin*s.Cout, 3), noise(s.Cout, 4)
	b := NewPlaneConv(s, in, out, k).Transpose()
	biased, bare := slowPlaneForward(s, in, out, k, x, w, bias, false), slowPlaneForward(s, in, out, k, x, w, nil, false)
	slowDx, slowDw := slowPlaneForward(b.s, out, in, b.k, dz, w, nil, true), slowWeightGrad(s, singleTaps(k.Taps), x, dz)
	checkAdjoint(t, x, slowDx, bare, dz, w, slowDw)
	checkEach(t, onEachISA, func() *PlaneConv { return NewPlaneConv(s, in, out, k) }, stated{x, dz, w, bias, biased, bare, slowDx, slowDw})
}

// Where all planes read the taps in the plain order and the channels are one plane, it is Conv.
func TestPlaneConvFromScalarsInPlainOrder(t *testing.T) {
	s := sizes(3, 9, 8, 5, 48)
	k := shuffled(3, 3, 4)
	for i := range k.Orders {
		k.Orders[i] = k.Orders[0]
	}
	x, w, bias := noise(s.pixels()*s.Cin, 1), noise(9*s.Cin*s.Cout, 2), noise(s.Cout, 3)
	c := NewPlaneConv(s, 1, 4, k)
	z, packed := make([]float32, s.pixels()*s.Cout), make([]float32, c.PackedLen())
	Run(append([]Task{c.Pack(packed, w)}, c.Forward(z, x, packed, bias)...)...)
	sameBits(t, "z", z, slowForward(s, Dense(3, 3), x, w, bias, false))
}

// The same bits from any number of workers, and for an image alone and in any place of a batch; no memory once it has run.
func TestPlaneConvWorkersBatchAndMemory(t *testing.T) {
	defer SetWorkers(0)
	s := ConvShape{N: 5, H: 14, W: 13, Cin: 24, Cout: 40}
	k := shuffled(3, 3, 4)
	for _, way := range [][2]int{{1, 4}, {4, 1}} {
		run := func(s ConvShape, x []float32) ([]float32, []Task) {
			c := NewPlaneConv(s, way[0], way[1], k)
			z, packed := make([]float32, s.pixels()*s.Cout), make([]float32, c.PackedLen())
			tasks := append([]Task{c.Pack(packed, noise(9*s.Cin*s.Cout, 4))}, c.Forward(z, x, packed, noise(s.Cout, 5))...)
			Run(tasks...)
			return z, tasks
		}
		x := noise(s.pixels()*s.Cin, 3)
		SetWorkers(1)
		want, tasks := run(s, x)
		if n := testing.AllocsPerRun(5, func() { Run(tasks...) }); n != 0 {
			t.Errorf("%v: %v allocations a run", way, n)
		}
		for workers := 2; workers <= 3; workers++ {
			SetWorkers(workers)
			z, _ := run(s, x)
			sameBits(t, fmt.Sprintf("%v, %d workers", way, workers), z, want)
		}
		one := s
		one.N = 1
		for n := range s.N {
			z, _ := run(one, x[n*len(x)/s.N:(n+1)*len(x)/s.N])
			sameBits(t, fmt.Sprintf("%v, image %d", way, n), z, want[n*len(want)/s.N:(n+1)*len(want)/s.N])
		}
	}
}

// What cannot be is a *ConvError that says why.
func TestPlaneConvErrors(t *testing.T) {
	s, k := sizes(1, 3, 3, 4, 8), shuffled(3, 3, 4)
	twice := shuffled(3, 3, 2)
	twice.Orders[1][0] = twice.Orders[1][1]
	c := NewPlaneConv(s, 4, 1, k)
	x, z, w, packed := make([]float32, 36), make([]float32, 72), make([]float32, 9*32), make([]float32, c.PackedLen())
	convErrors(t, map[string]func(){
		"three planes":     func() { NewPlaneConv(sizes(1, 3, 3, 3, 3), 3, 1, shuffled(3, 3, 3)) },
		"scalars alone":    func() { NewPlaneConv(s, 1, 1, k) },
		"planes alone":     func() { NewPlaneConv(s, 4, 4, k) },
		"other planes":     func() { NewPlaneConv(s, 2, 1, k) },
		"planes too large": func() { NewPlaneConv(sizes(1, 3, 3, 6, 8), 4, 1, k) },
		"a tap twice":      func() { NewPlaneConv(s, 2, 1, twice) },
		"a tap missing":    func() { NewPlaneConv(s, 4, 1, PlaneKernel{k.Taps[:8], k.Orders}) },
		"no pixels":        func() { NewPlaneConv(sizes(1, 0, 3, 4, 8), 4, 1, k) },
		"no precision":     func() { NewPlaneConv(ConvShape{N: 1, H: 3, W: 3, Cin: 4, Cout: 8, Precision: 7}, 4, 1, k) },
		"x":                func() { c.Forward(z, x[1:], packed, nil) },
		"z":                func() { c.Forward(z[1:], x, packed, nil) },
		"packed":           func() { c.Forward(z, x, packed[1:], nil) },
		"bias":             func() { c.Forward(z, x, packed, z[:7]) },
		"w":                func() { c.Pack(packed, w[1:]) },
		"back":             func() { c.PackTransposed(packed[1:], w) },
		"dw":               func() { c.WeightGrad(w[1:], x, z) },
	})
}
