package tensor

import "spdiff/asm"

// foldLen is how many numbers S of a piece may have, and D as many, beside one image row. Half of it is 5 % slower for images of
// 28 pixels across, 10 % for 64, for a piece makes its margin anew; twice as much is no faster.
const foldLen = 1 << 16

// termsLen is how many numbers the terms of a tree may have that are computed before they are added: with what they are made
// from they stay in the second cache. A quarter of it is 10 % slower.
const termsLen = 1 << 14

// Forward returns the work of z = bias + x∗w, with w packed by Pack. x is (N, H, W, Cin), z (N, H, W, Cout), bias (Cout) or
// nil for zero.
func (c *GroupConv) Forward(z, x, packed, bias []float32) []Task {
	c.s.checkInOut(z, x)
	c.s.check("packed", packed, c.PackedLen())
	f := &groupForward{GroupConv: c, folding: newFolding(c.s, c.k, span{0, c.s.Cin / 2}), z: z, x: x, packed: packed, start: make([]float32, c.s.Cout)}
	var tasks []Task
	if bias != nil {
		c.s.check("bias", bias, c.s.Cout)
		tasks = append(tasks, Task{N: 1, Do: func(_, _ int) { f.begin(bias) }})
	}
	return append(tasks, f.task())
}

// A groupForward is a group convolution bound to its data. start is what its chains begin with: a, then b.
type groupForward struct {
	*GroupConv
	folding
	z, x, packed, start []float32
}

// begin shares out the bias.
func (f *groupForward) begin(bias []float32) {
	half := f.GroupConv.s.Cout / 2
	for h, sign := range [2]float32{1, -1} {
		start := f.start[h*half : (h+1)*half]
		combine(start, bias, bias[half:], sign)
		asm.Scale(start, 1/float32(f.planes()), start)
	}
}

// task is the work for all images, in pieces of some rows.
func (f *groupForward) task() Task {
	s := &f.GroupConv.s
	per := max(1, foldLen/f.sumsLen(s.W))
	pieces := max((s.H+per-1)/per, min(s.H, (unitsWanted+s.N-1)/s.N))
	return Task{N: s.N * pieces, Do: func(i, _ int) {
		from, to := s.H*(i%pieces)/pieces, s.H*(i%pieces+1)/pieces
		f.piece(i/pieces, from, to-from)
	}}
}

// A groupRoom is what a piece works in.
type groupRoom struct {
	segments                    []asm.Segment
	rounded                     []asm.SegmentBF16
	operand                     []float32
	pad, sum, diff, terms, a, b []float32
}

// piece computes n rows of an image.
func (f *groupForward) piece(image, from, n int) {
	s := &f.GroupConv.s
	pixels, half := n*s.W, s.Cout/2
	lens := [...]int{f.padLen(n), f.sumsLen(pixels), f.sumsLen(pixels), f.planes() * f.termLen(), pixels * half, pixels * half}
	total := 0
	for _, l := range lens {
		total += l
	}
	numbers := 0
	if f.p == BF16 {
		numbers = pixels * f.planes() * f.p.Padded(f.m.rows)
	}
	room := borrowRounded(1, total, numbers)
	room.segments = room.segmentsOf(len(f.GroupConv.k.Taps))
	var r groupRoom
	rest := room.sums
	for i, z := range [...]*[]float32{&r.pad, &r.sum, &r.diff, &r.terms, &r.a, &r.b} {
		*z, rest = rest[:lens[i]], rest[lens[i]:]
	}
	r.segments, r.rounded, r.operand = room.segments, room.rounded, room.operand
	f.fold(r.sum, r.diff, r.pad, f.x, image, from, n, 0, pixels)
	f.products(r.a, &r, 0, pixels)
	f.products(r.b, &r, 1, pixels)
	z := f.z[(image*s.H+from)*s.W*s.Cout:]
	asm.AddSub(z, z[half:], r.a, r.b, &asm.Stripes{Len: half, Count: pixels, Z: s.Cout, X: half})
	room.giveBack()
}

// termLen is how long the terms of one plane may be.
func (f *groupForward) termLen() int {
	return max(f.m.tile*f.m.wide, termsLen/f.planes())
}

// products computes A, for half 0, or B from the sums of some pixels.
func (f *groupForward) products(z []float32, r *groupRoom, half, pixels int) {
	if f.p == BF16 {
		f.roundSums(r.operand, [2][]float32{r.sum, r.diff}[half], pixels)
	}
	for panel := range f.m.count() {
		l := layout{f.m.panel(panel), f.one.s.Cin, f.half(), f.one.s.Cout, f.m.tile, f.p}
		most := l.most(len(f.one.k))
		if f.p == BF16 {
			l.depth, l.x = f.m.rows, f.planes()*asm.PaddedBF16(f.m.rows)
			most = l.most(1)
		}
		if f.planes() > 1 {
			most = min(most, f.termLen()/l.cols)
		}
		eachRun(span{0, pixels}, l.rows, most, func(run run) {
			z := z[run.z.first*l.z+l.from:]
			if f.planes() == 1 {
				f.term(z, r, &l, l.z, half, 0, pixels, &run)
				return
			}
			var leaves [4][]float32
			for k := range f.planes() {
				leaf := r.terms[k*f.termLen():][:f.termLen()]
				leaves[foldedLeaf(k, f.planes())] = leaf
				f.term(leaf, r, &l, l.cols, half, k, pixels, &run)
			}
			asm.TreeSum(z, leaves[:f.planes()], &asm.Stripes{Len: l.cols, Count: run.count * run.rows, Z: l.z, X: l.cols})
		})
	}
}

// term computes the chains of a plane, of a run's pixels, which are step numbers apart in z.
func (f *groupForward) term(z []float32, r *groupRoom, l *layout, step, half, plane, pixels int, run *run) {
	if f.p == BF16 {
		f.roundedTerm(z, r, l, step, half, plane, run)
		return
	}
	packed, sums := f.weights(f.packed, half, plane), r.sum
	if half == 1 {
		sums = r.diff
	}
	for i, t := range f.GroupConv.k.Orders[plane] {
		x := sums[(t*pixels+run.x.first)*l.x+plane*l.depth:]
		r.segments[i] = asm.Segment{X: x, W: f.one.weights(packed, l.panel, t)}
	}
	t := l.tiling(run)
	t.Z = run.z.in(step)
	asm.Tile(z, f.start[half*f.one.s.Cout+l.from:], r.segments, &t)
}

// foldedLeaf returns which leaf of the tree over neighbours plane k of n is, so that halves are added first: the bits of k
// backwards.
func foldedLeaf(k, n int) (leaf int) {
	for ; n > 1; n /= 2 {
		leaf = 2*leaf + k&1
		k >>= 1
	}
	return leaf
}
