package tensor

import (
	"fmt"
	"testing"

	"spdiff/asm"
)

// mirrored is a kernel of kh×kw taps, odd numbers of them, whose planes read them in orders without a pattern, and whose
// element n is the half turn, or the flip.
func mirrored(kh, kw, planes int, flip bool) GroupKernel {
	p := shuffled(kh, kw, max(2, planes/2))
	k := GroupKernel{Taps: p.Taps, Orders: p.Orders[:planes/2]}
	for t := range k.Taps {
		if flip {
			k.Mirror = append(k.Mirror, (kh-1-t/kw)*kw+t%kw)
		} else {
			k.Mirror = append(k.Mirror, kh*kw-1-t)
		}
	}
	return k
}

// slowFolds returns S and D of tap t at a pixel, for channel i of the first half.
func slowFolds(s ConvShape, k GroupKernel, x []float32, t, n, py, px, i int) (sum, diff float32) {
	at := func(t, c int) float32 {
		y, x1 := py+k.Taps[t][0], px+k.Taps[t][1]
		if y < 0 || y >= s.H || x1 < 0 || x1 >= s.W {
			return 0
		}
		return x[((n*s.H+y)*s.W+x1)*s.Cin+c]
	}
	u, v := at(t, i), at(k.Mirror[t], s.Cin/2+i)
	return u + v, u - v
}

// slowGroupForward is the group convolution as its documentation states it, for weights w(t, i, j): from channel i of the first
// half by tap t to channel j.
func slowGroupForward(s ConvShape, k GroupKernel, x, bias []float32, w func(t, i, j int) float32) []float32 {
	z := make([]float32, s.pixels()*s.Cout)
	planes, half := len(k.Orders), s.Cout/2
	cin := s.Cin / 2 / planes
	start := make([]float32, s.Cout)
	for j := range half {
		if bias != nil {
			start[j] = float32(0.5*(bias[j]+bias[half+j])) / float32(planes)
			start[half+j] = float32(0.5*(bias[j]-bias[half+j])) / float32(planes)
		}
	}
	eachPixel(s, func(p, n, py, px int) {
		for j := range half {
			as, bs := make([]float32, planes), make([]float32, planes)
			for plane, order := range k.Orders {
				a, b := start[j], start[half+j]
				for _, t := range order {
					for i := plane * cin; i < (plane+1)*cin; i++ {
						sum, diff := slowFolds(s, k, x, t, n, py, px, i)
						u, v := w(t, i, j), w(t, i, half+j)
						a, b = asm.FMA(sum, 0.5*(u+v), a), asm.FMA(diff, 0.5*(u-v), b)
					}
				}
				as[plane], bs[plane] = a, b
			}
			a, b := folded(as), folded(bs)
			z[p*s.Cout+j], z[p*s.Cout+half+j] = a+b, a-b
		}
	})
	return z
}

// slowGroupGrad is the weight gradient as its documentation states it.
func slowGroupGrad(s ConvShape, k GroupKernel, x, dz []float32) []float32 {
	in, half := s.Cin/2, s.Cout/2
	dw := newSlowParts(s, len(k.Taps) == 1, len(k.Taps)*in*s.Cout, 768) // dα and dβ in each row
	eachPixel(s, func(p, n, py, px int) {
		dw.begin(p)
		for t := range k.Taps {
			for i := range in {
				sum, diff := slowFolds(s, k, x, t, n, py, px, i)
				row := dw.sums[(t*in+i)*s.Cout:]
				for j := range half {
					u, v := dz[p*s.Cout+j], dz[p*s.Cout+half+j]
					row[j], row[half+j] = asm.FMA(sum, u+v, row[j]), asm.FMA(diff, u-v, row[half+j])
				}
			}
		}
	})
	all := dw.total()
	for r := 0; r < len(all); r += s.Cout {
		for j := r; j < r+half; j++ {
			all[j], all[half+j] = 0.5*(all[j]+all[half+j]), 0.5*(all[j]-all[half+j])
		}
	}
	return all
}

// slowDense is the same convolution as its weights say, in float64: those of the second half of the input are the first one's,
// moved by n.
func slowDense(s ConvShape, k GroupKernel, x, w, bias []float32) []float64 {
	z := make([]float64, s.pixels()*s.Cout)
	in, half := s.Cin/2, s.Cout/2
	eachPixel(s, func(p, n, py, px int) {
		for j := range s.Cout {
			z[p*s.Cout+j] = float64(bias[j])
			for t, tap := range k.Taps {
				y, x1 := py+tap[0], px+tap[1]
				if y < 0 || y >= s.H || x1 < 0 || x1 >= s.W {
					continue
				}
				for i := range s.Cin {
					at := (t*in+i)*s.Cout + j
					if i >= in {
						at = (k.Mirror[t]*in+i-in)*s.Cout + (j+half)%s.Cout
					}
					z[p*s.Cout+j] += float64(x[((n*s.H+y)*s.W+x1)*s.Cin+i]) * float64(w[at])
				}
			}
		}
	})
	return z
}

// The convolution and both its gradients against the slow statements, bit by bit, on every instruction set.
func TestGroupConv(t *testing.T) {
	for _, planes := range []int{2, 4, 8} {
		for i, size := range [][2]int{{1, 1}, {3, 3}, {3, 5}} {
			for j, s := range planeShapes {
				if j%3 != i && size != [2]int{3, 3} {
					continue // one in three of the other sizes will do
				}
				s.Cin, s.Cout = s.Cin*planes, s.Cout*planes
				t.Run(fmt.Sprintf("%d/%v/%v", planes, size, s), func(t *testing.T) {
					checkGroupConv(t, s, mirrored(size[0], size[1], planes, i == 2))
				})
			}
		}
	}
}

// checkGroupConv makes the slow statements once, for every instruction set.
func checkGroupConv(t *testing.T, s ConvShape, k GroupKernel) {
	in, out := s.Cin/2, s.Cout
	x, dz := noise(s.pixels()*s.Cin, 1), noise(s.pixels()*s.Cout, 2)
	w, bias := noise(len(k.Taps)*in*out, 3), noise(out, 4)
	b := NewGroupConv(s, k).Transpose()
	forward := func(t, i, j int) float32 { return w[(t*in+i)*out+j] }
	biased, bare := slowGroupForward(s, k, x, bias, forward), slowGroupForward(s, k, x, nil, forward)
	for i, want := range slowDense(s, k, x, w, bias) {
		if d := float64(biased[i]) - want; d > 1e-4 || d < -1e-4 {
			t.Fatalf("z: element %d is %v, in double precision %v", i, biased[i], want)
		}
	}
	slowDx, slowDw := slowGroupForward(b.s, b.k, dz, nil, transposed(k, w, in, out)), slowGroupGrad(s, k, x, dz)
	checkAdjoint(t, x, slowDx, bare, dz, w, slowDw)
	checkEach(t, onEachISA, func() *GroupConv { return NewGroupConv(s, k) }, stated{x, dz, w, bias, biased, bare, slowDx, slowDw})
}

// transposed are the weights of the transpose by tap, input and output, which are the outputs and inputs of k's.
func transposed(k GroupKernel, w []float32, in, out int) func(t, j, i int) float32 {
	return func(t, j, i int) float32 {
		if i < in {
			return w[(t*in+i)*out+j]
		}
		return w[(k.Mirror[t]*in+i-in)*out+out/2+j]
	}
}

// Blocks of a weight gradient are some images, or rows of one; pieces some rows; terms of a tree some tiles.
func TestGroupConvLarge(t *testing.T) {
	for _, s := range []ConvShape{sizes(20, 7, 7, 8, 72), sizes(1, 33, 33, 32, 8), sizes(2, 20, 30, 8, 72)} {
		checkGroupConv(t, s, mirrored(3, 3, 8, false))
	}
}

// The same bits from any number of workers, and for an image alone and in any place of a batch; no memory once it has run.
func TestGroupConvWorkersBatchAndMemory(t *testing.T) {
	for _, p := range Precisions() {
		t.Run(p.String(), func(t *testing.T) {
			checkGroupConvRuns(t, ConvShape{N: 5, H: 14, W: 13, Cin: 24, Cout: 40, Precision: p})
		})
	}
}

func checkGroupConvRuns(t *testing.T, s ConvShape) {
	defer SetWorkers(0)
	k := mirrored(3, 3, 4, false)
	run := func(s ConvShape, x []float32) (z, dw []float32, tasks []Task) {
		c := NewGroupConv(s, k)
		z, dw = make([]float32, s.pixels()*s.Cout), make([]float32, c.weightLen())
		packed := make([]float32, c.PackedLen())
		tasks = append([]Task{c.Pack(packed, noise(len(dw), 4))}, c.Forward(z, x, packed, noise(s.Cout, 5))...)
		tasks = append(tasks, c.WeightGrad(dw, x, z)...)
		Run(tasks...)
		return z, dw, tasks
	}
	x := noise(s.pixels()*s.Cin, 3)
	SetWorkers(1)
	want, wantGrad, tasks := run(s, x)
	if n := testing.AllocsPerRun(5, func() { Run(tasks...) }); n != 0 {
		t.Errorf("%v allocations a run", n)
	}
	for workers := 2; workers <= 3; workers++ {
		SetWorkers(workers)
		z, dw, _ := run(s, x)
		sameBits(t, fmt.Sprintf("z, %d workers", workers), z, want)
		sameBits(t, fmt.Sprintf("dw, %d workers", workers), dw, wantGrad)
	}
	one := s
	one.N = 1
	for n := range s.N {
		z, _, _ := run(one, x[n*len(x)/s.N:(n+1)*len(x)/s.N])
		sameBits(t, fmt.Sprintf("image %d", n), z, want[n*len(want)/s.N:(n+1)*len(want)/s.N])
	}
}

// What cannot be is a *ConvError that says why.
func TestGroupConvErrors(t *testing.T) {
	s, k := sizes(1, 3, 3, 4, 8), mirrored(3, 3, 4, false)
	c := NewGroupConv(s, k)
	x, z, w, packed := make([]float32, 36), make([]float32, 72), make([]float32, 9*16), make([]float32, c.PackedLen())
	twice, circle := mirrored(3, 3, 4, false), mirrored(3, 3, 4, false)
	twice.Orders[1][0] = twice.Orders[1][1]
	circle.Mirror = []int{1, 2, 0, 3, 4, 5, 6, 7, 8}
	convErrors(t, map[string]func(){
		"no planes":        func() { NewGroupConv(s, GroupKernel{Taps: k.Taps, Mirror: k.Mirror}) },
		"three planes":     func() { NewGroupConv(sizes(1, 3, 3, 6, 6), mirrored(3, 3, 6, false)) },
		"planes too large": func() { NewGroupConv(sizes(1, 3, 3, 6, 8), k) },
		"a tap twice":      func() { NewGroupConv(s, twice) },
		"a tap missing":    func() { NewGroupConv(s, GroupKernel{k.Taps[:8], k.Mirror, k.Orders}) },
		"no involution":    func() { NewGroupConv(s, circle) },
		"no mirror":        func() { NewGroupConv(s, GroupKernel{Taps: k.Taps, Orders: k.Orders}) },
		"no pixels":        func() { NewGroupConv(sizes(1, 0, 3, 4, 8), k) },
		"no precision":     func() { NewGroupConv(ConvShape{N: 1, H: 3, W: 3, Cin: 4, Cout: 8, Precision: 7}, k) },
		"x":                func() { c.Forward(z, x[1:], packed, nil) },
		"z":                func() { c.Forward(z[1:], x, packed, nil) },
		"packed":           func() { c.Forward(z, x, packed[1:], nil) },
		"bias":             func() { c.Forward(z, x, packed, z[:7]) },
		"w":                func() { c.Pack(packed, w[1:]) },
		"back":             func() { c.PackTransposed(packed[1:], w) },
		"dw":               func() { c.WeightGrad(w[1:], x, z) },
	})
}
