package autodiff

import (
	"fmt"

	"spdiff/asm"
	"spdiff/tensor"
)

// SumPixels sums each image of x over its pixels: (N, H, W, C) to (N, C). The
// orbits partition the pixels y·W + x, each listing 1, 2, 4 or 8 of them. In
// each the pixels are summed by the balanced tree over neighbours, and these
// sums are added one by one, in the order of the orbits, from +0. If orbits are
// those of a group, in its tree order (group.Group.Pixels), the result is the
// same, to the last bit, for an image and its transforms.
//
// It panics with a *ShapeError if x has not four axes or the orbits are no such
// partition. The adjoint is BroadcastPixels.
func SumPixels(x *Node, orbits [][]int32) *Node {
	s := x.Shape()
	if len(s) != 4 {
		panic(&ShapeError{"sumpixels", []tensor.Shape{s}, "the shape must be (N, H, W, C)"})
	}
	n, h, w, c := s[0], s[1], s[2], s[3]
	checkPartition("sumpixels", s, orbits, h*w)
	runs := orbitRuns(orbits)
	return apply(op{
		name:  "sumpixels",
		shape: tensor.Shape{n, c},
		flops: int64(size(s)),
		bind: func(z []float32, a [][]float32) []tensor.Task {
			x, image := a[0], h*w*c
			return []tensor.Task{{N: n, Do: func(i, _ int) {
				zi, xi := z[i*c:(i+1)*c], x[i*image:(i+1)*image]
				clear(zi)
				for _, r := range runs {
					asm.OrbitSum(zi, xi, r.pixels, r.n)
				}
			}}}
		},
		attrs:  attributes{"orbits": orbits},
		grad:   func(_, dz *Node) []*Node { return []*Node{BroadcastPixels(dz, h, w, orbits)} },
		expand: func(x []*Node) *Node { return sumOverPixels(x[0]) },
	}, x)
}

// BroadcastPixels gives all pixels of an image the same channels: (N, C) to
// (N, h, w, C). It differs from Expand in its adjoint only, which is SumPixels
// over the orbits. It panics with a *ShapeError if x has not two axes, a side is
// not positive, or the orbits are no partition of the pixels as SumPixels has it.
func BroadcastPixels(x *Node, h, w int, orbits [][]int32) *Node {
	s := x.Shape()
	if len(s) != 2 {
		panic(&ShapeError{"broadcastpixels", []tensor.Shape{s}, "the shape must be (N, C)"})
	}
	shape := tensor.Shape{s[0], h, w, s[1]}
	checkDims("broadcastpixels", shape)
	axes := merge([]axis{{n: s[0]}, {n: h * w, repeats: true}, {n: s[1]}})
	checkPartition("broadcastpixels", shape, orbits, h*w)
	return apply(op{
		name:  "broadcastpixels",
		shape: shape,
		bind: func(z []float32, a [][]float32) []tensor.Task {
			return spreadTasks(z, a[0], axes)
		},
		attrs:  attributes{"orbits": orbits},
		grad:   func(_, dz *Node) []*Node { return []*Node{SumPixels(dz, orbits)} },
		expand: func(x []*Node) *Node { return overPixels(x[0], shape) },
	}, x)
}

// An orbitRun is a run of orbits of n pixels each.
type orbitRun struct {
	n      int
	pixels []int32
}

// orbitRuns joins neighbouring orbits of the same length.
func orbitRuns(orbits [][]int32) []orbitRun {
	var runs []orbitRun
	for _, o := range orbits {
		last := len(runs) - 1
		if last < 0 || runs[last].n != len(o) {
			runs = append(runs, orbitRun{n: len(o)})
			last++
		}
		runs[last].pixels = append(runs[last].pixels, o...)
	}
	return runs
}

// checkPartition panics unless orbits hold each of n pixels once.
func checkPartition(op string, s tensor.Shape, orbits [][]int32, n int) {
	fail := func(format string, a ...any) {
		panic(&ShapeError{op, []tensor.Shape{s}, fmt.Sprintf(format, a...)})
	}
	seen := make([]bool, n)
	total := 0
	for i, o := range orbits {
		if l := len(o); l != 1 && l != 2 && l != 4 && l != 8 {
			fail("orbit %d has %d pixels, not 1, 2, 4 or 8", i, l)
		}
		for _, p := range o {
			if p < 0 || int(p) >= n {
				fail("orbit %d: pixel %d is outside an image of %d", i, p, n)
			}
			if seen[p] {
				fail("orbit %d: pixel %d is listed twice", i, p)
			}
			seen[p] = true
			total++
		}
	}
	if total != n {
		fail("the orbits hold %d of the %d pixels", total, n)
	}
}
