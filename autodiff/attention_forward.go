package autodiff

import (
	"spdiff/asm"
	"spdiff/tensor"
)

// An attentionForward computes attention in two tasks: the first packs k and v of each head of each image, in the order of
// the keys; the second computes blocks of pixels, any number of workers sharing a head.
type attentionForward struct {
	*attention
	lists, domain int            // of keys
	keys          []int32        // all lists, one after the other
	weight        []float32      // of each key of a list
	block         int            // pixels of a piece
	row           int            // from a pixel's scores to the next one's
	kt, v         *tensor.Panels // d×keys; domain×d, for each list
}

func newAttentionForward(a *attention) *attentionForward {
	f := &attentionForward{attention: a, lists: len(a.Pixels), domain: len(a.Pixels[0])}
	for _, list := range a.Pixels {
		f.keys = append(f.keys, list...)
	}
	if f.weight = a.Weight; f.weight == nil {
		f.weight = ones(f.domain)
	}
	f.block, f.row = a.blockOf(len(f.keys)), scoresRow(len(f.keys))
	f.kt = tensor.NewPanels(a.d, len(f.keys), a.precision)
	f.v = tensor.NewPanels(f.domain, a.d, a.precision)
	return f
}

// packedLen is the length of the packed k and v of a head.
func (f *attentionForward) packedLen() int { return f.kt.Len() + f.lists*f.v.Len() }

// packed returns the packed k, and v of each list, of a head.
func (f *attentionForward) packed(all []float32, i int) (k, v []float32) {
	one := all[i*f.packedLen() : (i+1)*f.packedLen()]
	return one[:f.kt.Len()], one[f.kt.Len():]
}

// An attentionRoom is what one worker needs.
type attentionRoom struct {
	scores []float32   // (block, row), keys of a row
	nums   [][]float32 // of each list, Σ e·v, (block, d)
	den    []float32   // 1/Σ e, (block)
}

// pieces returns the number of heads of all images, and of blocks of each.
func (f *attentionForward) pieces() (heads, blocks int) {
	return f.n * f.heads, (f.p + f.block - 1) / f.block
}

// scratch is the length of what is packed and of all rooms.
func (f *attentionForward) scratch() int {
	heads, blocks := f.pieces()
	return heads*f.packedLen() + workersOn(heads*blocks)*f.block*(f.row+f.lists*f.d+1)
}

// room takes the memory of a worker.
func (f *attentionForward) room(c *carver) (r attentionRoom) {
	r.scores, r.den = c.take(f.block*f.row), c.take(f.block)
	for range f.lists {
		r.nums = append(r.nums, c.take(f.block*f.d))
	}
	return r
}

func (f *attentionForward) tasks(z, qkv, scratch []float32) []tensor.Task {
	heads, blocks := f.pieces()
	c := carver(scratch)
	packed := c.take(heads * f.packedLen())
	rooms := make([]attentionRoom, workersOn(heads*blocks))
	for i := range rooms {
		rooms[i] = f.room(&c)
	}
	return []tensor.Task{
		{N: heads, Do: func(i, _ int) { f.pack(packed, qkv, i) }},
		{N: heads * blocks, Do: func(i, worker int) {
			from := i % blocks * f.block
			f.compute(z, qkv, packed, &rooms[worker], i/blocks, from, min(f.block, f.p-from))
		}},
	}
}

// pack packs head i of all.
func (f *attentionForward) pack(packed, qkv []float32, i int) {
	k, v := f.packed(packed, i)
	at, row := f.pixel(i/f.heads, 0, i%f.heads, 0), 3*f.c
	touch(qkv[at:], row, f.p, 3*f.d)
	f.kt.PackColumns(k, f.scale, func(j int) []float32 { return qkv[at+f.d+int(f.keys[j])*row:] })
	for l, list := range f.Pixels {
		f.v.PackRows(v[l*f.v.Len():], func(j int) float32 { return f.weight[j] }, func(j int) []float32 { return qkv[at+2*f.d+int(list[j])*row:] })
	}
}

// compute computes n pixels of head i of all.
func (f *attentionForward) compute(z, qkv, packed []float32, room *attentionRoom, i, from, n int) {
	k, v := f.packed(packed, i)
	image, head := i/f.heads, i%f.heads
	f.kt.Multiply(room.scores, f.row, qkv[f.pixel(image, from, head, 0):], 3*f.c, n, k)
	f.exponentials(room, n)
	for l, num := range room.nums {
		f.v.Multiply(num, f.d, room.scores[l*f.domain:], f.row, n, v[l*f.v.Len():])
	}
	out := z[f.result(image, from, head):]
	asm.TreeSum(out, room.nums, &asm.Stripes{Len: f.d, Count: n, Z: f.c, X: f.d})
	for r := range n {
		row := out[r*f.c:][:f.d]
		asm.Scale(row, room.den[r], row)
	}
}

// exponentials replaces the scores s of n pixels by exp(s − max), and sums them.
func (f *attentionForward) exponentials(room *attentionRoom, n int) {
	for r := range n {
		room.den[r] = 1 / asm.ExpSum(row(room.scores, r, f.row)[:len(f.keys)], f.weight)
	}
}
