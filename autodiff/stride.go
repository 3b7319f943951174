package autodiff

import (
	"fmt"
	"slices"

	"spdiff/asm"
	"spdiff/tensor"
)

// TapSums2 is the first half of a tied convolution with stride 2: for each orbit o of taps,
//
//	z[p, o·C + c] = tree_{t ∈ o} x[2p + t, c],    +0 outside the image,
//
// from (N, H, W, C) to (N, H/2, W/2, K·C), K the number of orbits. A Linear of K·C channels is the second half. With the
// orbits of a kernel of even size (group.Group.Taps) both commute with the group to the last bit; with those of an odd size
// they cannot, for the grid of every second pixel has another centre. It panics with a *ShapeError if x has not four axes, H
// or W is odd, or an orbit has not 1, 2, 4 or 8 taps.
//
// The gradient adds, for each pixel, what it took part in, ascending in p, then in o, eight at a time by the balanced tree, the
// eights one after another.
func TapSums2(x *Node, kernel tensor.Kernel) *Node {
	s := x.Shape()
	fail := func(format string, a ...any) {
		panic(&ShapeError{"tapsums2", []tensor.Shape{s}, fmt.Sprintf(format, a...)})
	}
	switch {
	case len(s) != 4:
		fail("the shape must be (N, H, W, C)")
	case s[1]%2 != 0 || s[2]%2 != 0:
		fail("%d×%d pixels cannot be halved; both sides must be even", s[1], s[2])
	case len(kernel) == 0:
		fail("the kernel has no taps")
	}
	for _, orbit := range kernel {
		if !slices.Contains([]int{1, 2, 4, 8}, len(orbit)) {
			fail("an orbit has %d taps, not 1, 2, 4 or 8", len(orbit))
		}
	}
	h, w := s[1], s[2]
	sums, spread := tapRows(kernel, h, w)
	return tapSums(x, tensor.Shape{s[0], h / 2, w / 2, len(kernel) * s[3]}, sums, spread)
}

// A rowTable lists, for each row of a result, the rows whose sum it is: the same number for each.
type rowTable struct {
	rows []int32 // −1 where there are fewer
	n    int     // for each; a multiple of 8 where it is more than 8
}

// tapRows returns the tables of TapSums2, whose result has a row for each pixel and orbit, and of its adjoint.
func tapRows(kernel tensor.Kernel, h, w int) (sums, spread rowTable) {
	var list [][]int32
	back := make([][]int32, h*w)
	for p := range h / 2 * (w / 2) {
		for _, orbit := range kernel {
			var from []int32
			for _, t := range orbit {
				y, x := p/(w/2)*2+t[0], p%(w/2)*2+t[1]
				if y < 0 || y >= h || x < 0 || x >= w {
					from = append(from, -1)
					continue
				}
				from = append(from, int32(y*w+x))
				back[y*w+x] = append(back[y*w+x], int32(len(list)))
			}
			list = append(list, from)
		}
	}
	return newRowTable(list), newRowTable(back)
}

func newRowTable(list [][]int32) (t rowTable) {
	longest := 1
	for _, rows := range list {
		longest = max(longest, len(rows))
	}
	for t.n = 1; t.n < min(longest, 8); {
		t.n *= 2
	}
	t.n = (longest + t.n - 1) / t.n * t.n
	for _, rows := range list {
		t.rows = append(t.rows, rows...)
		for range t.n - len(rows) {
			t.rows = append(t.rows, -1)
		}
	}
	return t
}

// passes cuts the table into tables of at most 8 rows for each.
func (t rowTable) passes() (tables [][]int32, n int) {
	if t.n <= 8 {
		return [][]int32{t.rows}, t.n
	}
	tables = make([][]int32, t.n/8)
	for at := 0; at < len(t.rows); at += 8 {
		k := at % t.n / 8
		tables[k] = append(tables[k], t.rows[at:at+8]...)
	}
	return tables, 8
}

func tapSums(x *Node, shape tensor.Shape, sums, spread rowTable) *Node {
	return apply(op{
		name:    "tapsums2",
		shape:   shape,
		scratch: sums.scratch(shape),
		bind:    sums.bind(shape[0]),
		expand:  func(x []*Node) *Node { return sums.expand(x[0], shape) },
		grad:    func(_, dz *Node) []*Node { return []*Node{tapSpread(dz, x.Shape(), sums, spread)} },
	}, x)
}

// tapSpread is the adjoint.
func tapSpread(x *Node, shape tensor.Shape, sums, spread rowTable) *Node {
	return apply(op{
		name:    "tapspread2",
		shape:   shape,
		scratch: spread.scratch(shape),
		bind:    spread.bind(shape[0]),
		expand:  func(x []*Node) *Node { return spread.expand(x[0], shape) },
		grad:    func(_, dz *Node) []*Node { return []*Node{tapSums(dz, x.Shape(), sums, spread)} },
	}, x)
}

// expand returns the sums of images x in simple operations.
func (t rowTable) expand(x *Node, shape tensor.Shape) *Node {
	n := shape[0]
	c := size(shape) / (n * len(t.rows) / t.n) // of each row
	return Reshape(sumOfRows(Reshape(x, n, size(x.Shape())/(n*c), c), t), shape...)
}

// scratch is the room for the passes after the first.
func (t rowTable) scratch(shape tensor.Shape) int {
	tables, _ := t.passes()
	return (len(tables) - 1) * size(shape)
}

// bind makes the task of the sums of n images.
func (t rowTable) bind(n int) func(z []float32, a [][]float32) []tensor.Task {
	tables, leaves := t.passes()
	return func(z []float32, a [][]float32) []tensor.Task {
		from, to := len(a[0])/n, len(z)/n
		return []tensor.Task{{N: n, Do: func(i, _ int) {
			zi, xi := z[i*to:(i+1)*to], a[0][i*from:(i+1)*from]
			asm.GatherSum(zi, xi, tables[0], leaves)
			for k, rows := range tables[1:] {
				more := a[1][(k*n+i)*to : (k*n+i+1)*to]
				asm.GatherSum(more, xi, rows, leaves)
				asm.Add(zi, zi, more)
			}
		}}}
	}
}
