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
// to windows, to the last bit. It panics with a *ShapeError if x has not four axes or there is no window.
//
// The gradient of a window goes to its largest number, the first of several, in raster order.
func MaxPool3(x *Node, p Pool) *Node {
	w := newWindows("maxpool3", x.Shape(), p)
	return apply(op{
		name:   "maxpool3",
		shape:  w.out,
		images: imagesOf(w.in),
		bind: func(z []float32, a [][]float32) []tensor.Task {
			return perRow(imagesOf(w.in), w.out[0]*w.out[1], 9*w.out[2]*w.out[3], func(i int) { w.largest(z, a[0], i) })
		},
		grad:   func(_, dz *Node) []*Node { return []*Node{w.scatter(x, dz)} },
		expand: func(a []*Node) *Node { return w.chosen(a[0], a[0]) },
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

// scatter adds dz to where the largest number of each window of x is; it is linear in dz, and its adjoint is pick.
func (w *windows) scatter(x, dz *Node) *Node {
	return apply(op{
		name:  "maxpool3.scatter",
		shape: w.in,
		bind: func(dx []float32, a [][]float32) []tensor.Task {
			n := len(dx) / w.in[0]
			return []tensor.Task{{N: w.in[0], Do: func(i, _ int) {
				clear(dx[i*n : (i+1)*n])
				w.eachLargest(a[0], i, func(out, in int) { dx[in] += a[1][out] })
			}}}
		},
		grad: func(_, d *Node) []*Node { return []*Node{nil, w.pick(x, d)} },
		expand: func(a []*Node) *Node {
			y := Zeros(w.in...)
			return VJP(w.chosen(a[0], y), a[1], y)[0]
		},
	}, x, dz)
}

// pick returns of y what is where the largest number of each window of x is.
func (w *windows) pick(x, y *Node) *Node {
	return apply(op{
		name:  "maxpool3.pick",
		shape: w.out,
		bind: func(z []float32, a [][]float32) []tensor.Task {
			return []tensor.Task{{N: w.in[0], Do: func(i, _ int) {
				w.eachLargest(a[0], i, func(out, in int) { z[out] = a[1][in] })
			}}}
		},
		grad:   func(_, d *Node) []*Node { return []*Node{nil, w.scatter(x, d)} },
		expand: func(a []*Node) *Node { return w.chosen(a[0], a[1]) },
	}, x, y)
}

// eachLargest calls do for each number of the result of one image, with the place of the largest in its window.
func (w *windows) eachLargest(x []float32, image int, do func(out, in int)) {
	out := image * size(w.out) / w.out[0]
	for y := range w.out[1] {
		top, bottom := w.span(y, w.in[1])
		for p := range w.out[2] {
			left, right := w.span(p, w.in[2])
			for c := range w.in[3] {
				best := -1
				for r := top; r < bottom; r++ {
					for q := left; q < right; q++ {
						if at := ((image*w.in[1]+r)*w.in[2]+q)*w.in[3] + c; best < 0 || x[at] > x[best] {
							best = at
						}
					}
				}
				do(out, best)
				out++
			}
		}
	}
}

// chosen returns, in simple operations, of y what is where the largest number of each window of x is, the first of several.
func (w *windows) chosen(x, y *Node) *Node {
	var best, z *Node
	for _, rows := range w.taps() {
		xs, ys := w.seen(x, rows), w.seen(y, rows)
		if best == nil {
			best, z = xs, ys
			continue
		}
		larger := Clamp(Sign(Sub(xs, best)), 0, 1)
		best = Add(best, Mul(larger, Sub(xs, best)))
		z = Add(z, Mul(larger, Sub(ys, z)))
	}
	return z
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
