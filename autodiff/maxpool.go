package autodiff

import (
	"fmt"

	"spdiff/asm"
	"spdiff/tensor"
)

// A Pool is 3×3 windows on images of H×W pixels, their middles Stride pixels apart; with Pad the first one is in the corner of the
// image and windows reach one pixel beyond, else they all lie within the image.
type Pool struct {
	Stride int
	Pad    bool
}

// MaxPool3 returns the largest number of each 3×3 window of x, channel by channel; pixels off the image do not count. (N, H, W, C)
// becomes (N, h, w, C), h being ⌊(H − 3)/Stride⌋ + 1, or ⌊(H − 1)/Stride⌋ + 1 with Pad. It commutes with whatever maps the windows
// to windows, to the last bit, but for the sign of a zero. A NaN counts only if it comes first in its window. It panics with a
// *ShapeError if x has not four axes or there is no window.
//
// The gradient of a window goes to its largest number, the first of several, in raster order. It is that of simple operations, and
// slow: Inception, for which this is, is not trained.
func MaxPool3(x *Node, p Pool) *Node {
	w := newWindows("maxpool3", x.Shape(), p)
	return apply(op{
		name:   "maxpool3",
		shape:  w.out,
		images: imagesOf(w.in),
		bind: func(z []float32, a [][]float32) []tensor.Task {
			return perRow(imagesOf(w.in), w.out[0]*w.out[1], 9*w.out[2]*w.out[3], func(i int) { w.largest(z, a[0], i) })
		},
		expand: func(a []*Node) *Node { return w.simple(a[0]) },
	}, x)
}

// windows are those of a pool, and the shapes before and after it.
type windows struct {
	Pool
	in, out tensor.Shape
}

func newWindows(name string, s tensor.Shape, p Pool) *windows {
	if len(s) != 4 || p.Stride < 1 || !p.Pad && min(s[1], s[2]) < 3 {
		panic(&ShapeError{name, []tensor.Shape{s}, fmt.Sprintf("the shape must be (N, H, W, C), with 3×3 pixels or more, and the stride %d positive", p.Stride)})
	}
	beyond := 3
	if p.Pad {
		beyond = 1
	}
	return &windows{p, s, tensor.Shape{s[0], (s[1]-beyond)/p.Stride + 1, (s[2]-beyond)/p.Stride + 1, s[3]}}
}

// span returns the pixels from ≤ i < to of window number p of an axis of size pixels.
func (w *windows) span(p, size int) (from, to int) {
	from = p * w.Stride
	if w.Pad {
		from--
	}
	return max(from, 0), min(from+3, size)
}

// largest computes row number i of the result, of all images.
func (w *windows) largest(z, x []float32, i int) {
	c, row := w.in[3], w.in[2]*w.in[3]
	image, y := i/w.out[1], i%w.out[1]
	top, bottom := w.span(y, w.in[1])
	for p := range w.out[2] {
		left, right := w.span(p, w.in[2])
		zp := z[(i*w.out[2]+p)*c:][:c]
		for r := top; r < bottom; r++ {
			for q := left; q < right; q++ {
				xq := x[(image*w.in[1]+r)*row+q*c:][:c]
				if r == top && q == left {
					copy(zp, xq)
				} else {
					asm.Larger(zp, zp, xq)
				}
			}
		}
	}
}

// simple returns the result in simple operations: it goes through the places of the windows in raster order and keeps the larger of the
// value so far and the value there, exactly.
func (w *windows) simple(x *Node) *Node {
	var best *Node
	for _, rows := range w.taps() {
		next := w.seen(x, rows)
		if best == nil {
			best = next
			continue
		}
		larger := Clamp(Sign(Sub(next, best)), 0, 1)
		best = Add(Mul(best, Shift(Neg(larger), 1)), Mul(next, larger))
	}
	return best
}

// seen returns the pixels of x with these numbers.
func (w *windows) seen(x *Node, rows []int32) *Node {
	s := w.in
	return Reshape(Gather(Reshape(x, s[0], s[1]*s[2], s[3]), rows), w.out...)
}

// taps returns, for each place in a window in raster order, the pixels that the windows have there. Where that is off the image it is the
// window's first pixel once more, which is never larger than itself.
func (w *windows) taps() (taps [9][]int32) {
	for k := range taps {
		for p := range w.out[1] * w.out[2] {
			top, bottom := w.span(p/w.out[2], w.in[1])
			left, right := w.span(p%w.out[2], w.in[2])
			y, x := top+k/3, left+k%3
			if y >= bottom || x >= right {
				y, x = top, left
			}
			taps[k] = append(taps[k], int32(y*w.in[2]+x))
		}
	}
	return taps
}
