package tensor

import (
	"fmt"
	"testing"
)

// slowRoundedGroup is the group convolution of bf16, see slowGroupForward.
func slowRoundedGroup(s ConvShape, k GroupKernel, x, bias []float32, w func(t, i, j int) float32) []float32 {
	z := make([]float32, s.pixels()*s.Cout)
	planes, half := len(k.Orders), s.Cout/2
	cin := s.Cin / 2 / planes
	eachPixel(s, func(p, n, py, px int) {
		for j := range half {
			as, bs := make([]float32, planes), make([]float32, planes)
			for plane, order := range k.Orders {
				var sums, diffs, alpha, beta []float32
				for _, t := range order {
					for i := plane * cin; i < (plane+1)*cin; i++ {
						sum, diff := slowFolds(s, k, x, t, n, py, px, i)
						u, v := w(t, i, j), w(t, i, half+j)
						sums, diffs, alpha, beta = append(sums, sum), append(diffs, diff), append(alpha, 0.5*(u+v)), append(beta, 0.5*(u-v))
					}
				}
				a := float32(0.5*(bias[j]+bias[half+j])) / float32(planes)
				b := float32(0.5*(bias[j]-bias[half+j])) / float32(planes)
				as[plane], bs[plane] = slowSteps(a, sums, alpha), slowSteps(b, diffs, beta)
			}
			a, b := folded(as), folded(bs)
			z[p*s.Cout+j], z[p*s.Cout+half+j] = a+b, a-b
		}
	})
	return z
}

// slowRoundedGroupGrad is the weight gradient of bf16.
func slowRoundedGroupGrad(s ConvShape, k GroupKernel, x, dz []float32) []float32 {
	in, half := s.Cin/2, s.Cout/2
	var all []float32
	for _, part := range slowBoxes(s, k) {
		sums := make([]float32, len(k.Taps)*in*s.Cout)
		for _, b := range part {
			for row := range len(k.Taps) * in {
				var folds [2][]float32
				for p := b.from; p < b.to; p++ {
					sum, diff := slowFolds(s, k, x, row/in, p/(s.H*s.W), p/s.W%s.H, p%s.W, row%in)
					folds[0], folds[1] = append(folds[0], sum), append(folds[1], diff)
				}
				for j := range half {
					var dab [2][]float32
					for p := b.from; p < b.to; p++ {
						u, v := dz[p*s.Cout+j], dz[p*s.Cout+half+j]
						dab[0], dab[1] = append(dab[0], u+v), append(dab[1], u-v)
					}
					for h := range 2 {
						z := &sums[row*s.Cout+h*half+j]
						*z = slowSteps(*z, folds[h], dab[h])
					}
				}
			}
		}
		if all == nil {
			all = sums
			continue
		}
		for i, v := range sums {
			all[i] += v
		}
	}
	for r := 0; r < len(all); r += s.Cout {
		for j := r; j < r+half; j++ {
			all[j], all[half+j] = 0.5*(all[j]+all[half+j]), 0.5*(all[j]-all[half+j])
		}
	}
	return all
}

// slowBoxes cuts the pixels, numbered through all images, into parts and these into boxes, as GroupConv.WeightGrad says.
func slowBoxes(s ConvShape, k GroupKernel) (parts [][]span) {
	h, w, single := s.H, s.W, len(k.Taps) == 1
	if single {
		h, w = s.pixels(), 1
	}
	rows := max(1, (1<<16)/(len(k.Taps)*s.Cin/2+s.Cout/2)/w) // of a box, at most
	firsts := newSlowParts(s, single, len(k.Taps)*s.Cin/2*s.Cout, 768).firsts
	for i, end := range append(firsts[1:], s.pixels()) {
		var boxes []span
		for at := firsts[i]; at < end; {
			fit, y := min(rows, (end-at)/w), at/w%h
			n := min(fit, h-y)
			if y == 0 && fit >= h {
				n = fit / h * h
			}
			boxes = append(boxes, span{at, at + n*w})
			at += n * w
		}
		parts = append(parts, boxes)
	}
	return parts
}

// The group convolution of bf16 and both its gradients against the slow statements, bit by bit.
func TestRoundedGroup(t *testing.T) {
	for _, planes := range []int{2, 4, 8} {
		for i, s := range []ConvShape{sizes(1, 4, 9, 3, 4), sizes(2, 5, 3, 9, 8), sizes(9, 7, 7, 4, 5)} {
			size := [][2]int{{3, 3}, {1, 1}, {3, 5}}[i]
			s.Cin, s.Cout = s.Cin*planes, s.Cout*planes
			k := mirrored(size[0], size[1], planes, i == 2)
			t.Run(fmt.Sprintf("%d/%v", planes, s), func(t *testing.T) { checkRoundedGroup(t, s, k) })
		}
	}
}

// Weight gradients of several blocks of channels, so that the rows of dw for a tap do not follow those for the one before, and of several
// blocks of columns.
func TestRoundedGroupBlocks(t *testing.T) {
	checkRoundedGroup(t, sizes(1, 3, 3, 160, 72), mirrored(3, 3, 4, false))
	checkRoundedGroup(t, sizes(1, 3, 3, 16, 256), mirrored(1, 1, 2, false))
}

// Weight gradients of several boxes: of a row that is longer than 81 pixels, of some rows of an image, of whole images in 81; and for
// the tap (0, 0) alone of 254 pixels.
func TestRoundedGroupBoxes(t *testing.T) {
	for _, s := range []ConvShape{sizes(1, 2, 83, 64, 4), sizes(2, 7, 13, 64, 4), sizes(5, 4, 9, 64, 4)} {
		checkRoundedGroup(t, s, mirrored(5, 5, 2, false))
	}
	checkRoundedGroup(t, sizes(3, 10, 10, 512, 4), mirrored(1, 1, 2, false))
}

// checkRoundedGroup makes the slow statements once, for every form of the product.
func checkRoundedGroup(t *testing.T, s ConvShape, k GroupKernel) {
	s.Precision = BF16
	c := NewGroupConv(s, k)
	s = c.Shape()
	b := c.Transpose()
	in, out := s.Cin/2, s.Cout
	x, dz := noise(s.pixels()*s.Cin, 1), noise(s.pixels()*s.Cout, 2)
	w, bias := noise(len(k.Taps)*in*out, 3), noise(out, 4)
	back := slowRoundedGroup
	if b.p == Float32 { // too small a depth
		back = slowGroupForward
	}
	slowZ := slowRoundedGroup(s, k, x, bias, func(t, i, j int) float32 { return w[(t*in+i)*out+j] })
	slowDx := back(b.s, b.k, dz, make([]float32, s.Cin), transposed(k, w, in, out))
	slowDw := slowRoundedGroupGrad(s, k, x, dz)
	checkEach(t, onEachForm, func() *GroupConv { return NewGroupConv(s, k) }, stated{x, dz, w, bias, slowZ, nil, slowDx, slowDw})
}
