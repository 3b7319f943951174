package tensor

import "spdiff/asm"

// foldLen is how many numbers S of a piece may have, and D as many, beside one image row. Half of it is 5 % slower for images of
// 28 pixels across, 10 % for 64, for a piece makes its margin anew; twice as much is no faster.
const foldLen = 1 << 16

// partsLen is how many numbers the terms of a tree may have that are computed before they are added: with what they are made
// from they stay in the second cache. A quarter of it is 10 % slower.
const partsLen = 1 << 14

// Forward returns the work of z = bias + x∗w, with w packed by Pack. x is (N, H, W, Cin), z (N, H, W, Cout), bias (Cout) or
// nil for zero.
func (c *GroupConv) Forward(z, x, packed, bias []float32) []Task {
	c.check("z", z, c.s.pixels()*c.s.Cout)
	c.check("x", x, c.s.pixels()*c.s.Cin)
	c.check("packed", packed, c.PackedLen())
	f := &groupForward{GroupConv: c, folding: newFolding(c.s, c.k), z: z, x: x, packed: packed, start: make([]float32, c.s.Cout)}
	var tasks []Task
	if bias != nil {
		c.check("bias", bias, c.s.Cout)
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
	pad, sum, diff, parts, a, b []float32
}

// piece computes n rows of an image.
func (f *groupForward) piece(image, from, n int) {
	s := &f.GroupConv.s
	pixels, half := n*s.W, s.Cout/2
	lens := [...]int{f.padLen(n), f.sumsLen(pixels), f.sumsLen(pixels), f.planes() * f.partLen(), pixels * half, pixels * half}
	total := 0
	for _, l := range lens {
		total += l
	}
	room := borrow(len(f.GroupConv.k.Taps), total)
	var r groupRoom
	rest := room.sums
	for i, z := range [...]*[]float32{&r.pad, &r.sum, &r.diff, &r.parts, &r.a, &r.b} {
		*z, rest = rest[:lens[i]], rest[lens[i]:]
	}
	r.segments = room.segments
	f.fold(r.sum, r.diff, r.pad, f.x, image, from, n, 0, pixels)
	f.products(r.a, &r, 0, pixels)
	f.products(r.b, &r, 1, pixels)
	z := f.z[(image*s.H+from)*s.W*s.Cout:]
	asm.AddSub(z, z[half:], r.a, r.b, &asm.Stripes{Len: half, Count: pixels, Z: s.Cout, X: half})
	room.giveBack()
}

// partLen is how long the terms of one plane may be.
func (f *groupForward) partLen() int {
	rows, wide, _ := asm.TileSize()
	return max(rows*wide, partsLen/f.planes())
}

// products computes A, for half 0, or B from the sums of some pixels.
func (f *groupForward) products(z []float32, r *groupRoom, half, pixels int) {
	most, _, _ := asm.TileSize()
	for panel := range f.part.count() {
		rows, count := cutEven(pixels, most)
		f.tiles(z, r, half, panel, pixels, 0, rows, count)
		if done := rows * count; done < pixels {
			f.tiles(z, r, half, panel, pixels, done, rows-1, (pixels-done)/(rows-1))
		}
	}
}

// tiles computes tiles of one panel from pixel at on.
func (f *groupForward) tiles(z []float32, r *groupRoom, half, panel, pixels, at, rows, count int) {
	first, cols, width := f.part.panel(panel)
	in, out, deep := f.half(), f.part.s.Cout, f.part.s.Cin
	h := (rows + 1) / 2
	t := asm.Tiling{Rows: rows, Cols: cols, Width: width, Depth: deep, X: asm.Strides{Row: in, Gap: h * in, Tile: rows * in},
		Z: asm.Strides{Row: out, Gap: h * out, Tile: rows * out}}
	most := max(1, callMost/(len(f.part.k)*rows*width*deep))
	planes := f.planes()
	if planes > 1 {
		t.Z = asm.Strides{Row: cols, Gap: h * cols, Tile: rows * cols}
		most = max(1, min(most, f.partLen()/(rows*cols)))
	}
	start := f.start[half*out+first:]
	for done := 0; done < count; done += t.Count {
		t.Count = min(most, count-done)
		p := at + done*rows
		if planes == 1 {
			f.segments(r, half, 0, panel, pixels, p)
			asm.Tile(z[p*out+first:], start, r.segments, &t)
			continue
		}
		var leaves [4][]float32
		n := t.Count * rows * cols
		for k := range planes {
			leaf := r.parts[k*f.partLen():][:n]
			leaves[foldedLeaf(k, planes)] = leaf
			f.segments(r, half, k, panel, pixels, p)
			asm.Tile(leaf, start, r.segments, &t)
		}
		asm.TreeSum(z[p*out+first:], leaves[:planes], &asm.Stripes{Len: cols, Count: t.Count * rows, Z: out, X: cols})
	}
}

// segments sets the segments to the taps of a plane in its order, from pixel p on.
func (f *groupForward) segments(r *groupRoom, half, plane, panel, pixels, p int) {
	packed, sums := f.weights(f.packed, half, plane), r.sum
	if half == 1 {
		sums = r.diff
	}
	for i, t := range f.GroupConv.k.Orders[plane] {
		r.segments[i] = asm.Segment{X: sums[(t*pixels+p)*f.half()+plane*f.part.s.Cin:], W: f.part.weights(packed, panel, t)}
	}
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
