package autodiff

import (
	"spdiff/asm"
	"spdiff/tensor"
)

// An attentionBackward computes the gradient of a head of an image. With dz of the result, for pixels i and j,
//
//	p_ij = e_ij/Σ_j e_ij,   dp_ij = dz_i·v_j,   ds_ij = p_ij (dp_ij − Σ_j p_ij dp_ij),
//	dq_i = d^−½ Σ_j ds_ij k_j,   dk_j = d^−½ Σ_i ds_ij q_i,   dv_j = Σ_i p_ij dz_i.
//
// p is computed anew, a block of pixels i at a time. Sums over j and over i are chains of fused multiply-adds, ascending;
// Σ p·dp is asm.Dot, and dk is scaled in the end. One worker has all of a head, for dk and dv sum over all pixels.
type attentionBackward struct {
	*attention
	ones        []float32 // p of them
	block       int
	row         int            // from a pixel's p to the next one's
	across      *tensor.Panels // d×p: k scaled and v, transposed
	along       *tensor.Panels // p×d: k scaled
	kt, vt, k   []float32
	prob, slope []float32     // p, and dp, then ds, of a block
	pixels      *tensor.Outer // of dk and dv in bf16, else nil
}

func newAttentionBackward(a *attention) *attentionBackward {
	b := &attentionBackward{attention: a, ones: ones(a.p), block: a.blockOf(a.p), row: scoresRow(a.p), across: tensor.NewPanels(a.d, a.p, a.precision), along: tensor.NewPanels(a.p, a.d, a.precision)}
	if a.precision == tensor.BF16 {
		b.pixels = tensor.NewOuter(b.block, a.d)
	}
	return b
}

// in returns b for a worker, with memory of its own.
func (b attentionBackward) in(c *carver) *attentionBackward {
	b.kt, b.vt, b.k = c.take(b.across.Len()), c.take(b.across.Len()), c.take(b.along.Len())
	b.prob, b.slope = c.take(b.block*b.row), c.take(b.block*b.row)
	return &b
}

// scratch is the length of the memory of all workers.
func (b *attentionBackward) scratch() int {
	return workersOn(b.n*b.heads) * (2*b.across.Len() + b.along.Len() + 2*b.block*b.row)
}

// tasks returns the work of the gradient of qkv.
func (b *attentionBackward) tasks(dqkv, qkv, dz, scratch []float32) []tensor.Task {
	c := carver(scratch)
	workers := make([]*attentionBackward, workersOn(b.n*b.heads))
	for i := range workers {
		workers[i] = b.in(&c)
	}
	return []tensor.Task{{N: b.n * b.heads, Do: func(i, worker int) {
		workers[worker].run(dqkv, qkv, dz, i/b.heads, i%b.heads)
	}}}
}

// run computes the gradient of a head of an image.
func (b *attentionBackward) run(dqkv, qkv, dz []float32, image, head int) {
	at := b.pixel(image, 0, head, 0)
	touch(qkv[at:], 3*b.c, b.p, 3*b.d)
	touch(dz[b.result(image, 0, head):], b.c, b.p, b.d)
	k := func(j int) []float32 { return qkv[at+b.d+j*3*b.c:] }
	b.across.PackColumns(b.kt, b.scale, k)
	b.across.PackColumns(b.vt, 1, func(j int) []float32 { return qkv[at+2*b.d+j*3*b.c:] })
	b.along.PackRows(b.k, func(int) float32 { return b.scale }, k)
	for j := range b.p {
		clear(dqkv[at+j*3*b.c+b.d:][:2*b.d])
	}
	for from := 0; from < b.p; from += b.block {
		b.add(dqkv[at:], qkv[at:], dz[b.result(image, 0, head):], from, min(b.block, b.p-from))
	}
	for j := range b.p {
		dk := dqkv[at+j*3*b.c+b.d:][:b.d]
		asm.Scale(dk, b.scale, dk)
	}
}

// add computes dq of n pixels, and adds what they contribute to dk and dv.
func (b *attentionBackward) add(dqkv, qkv, dz []float32, from, n int) {
	row := 3 * b.c
	q, dz := qkv[from*row:], dz[from*b.c:]
	b.across.Multiply(b.prob, b.row, q, row, n, b.kt)
	b.across.Multiply(b.slope, b.row, dz, b.c, n, b.vt)
	b.softmax(n)
	b.along.Multiply(dqkv[from*row:], row, b.slope, b.row, n, b.k)
	b.outer(dqkv[b.d:], b.slope, q, row, n)
	b.outer(dqkv[2*b.d:], b.prob, dz, b.c, n)
}

// softmax turns the scores and dp of n pixels into p and ds.
func (b *attentionBackward) softmax(n int) {
	for r := range n {
		prob, slope := row(b.prob, r, b.row)[:b.p], row(b.slope, r, b.row)[:b.p]
		asm.SoftmaxSlope(slope, prob, 1/asm.ExpSum(prob, b.ones))
	}
}

// outer adds Σ_i x_ij y_i over n pixels i to each pixel j of z, d channels of it.
func (b *attentionBackward) outer(z, x, y []float32, yRow, n int) {
	if b.pixels != nil {
		b.pixels.Add(z, 3*b.c, x, b.row, b.p, y, yRow, n)
		return
	}
	rows, wide, _ := asm.TileSize()
	for j := 0; j < b.p; j += rows {
		for c := 0; c < b.d; c += wide {
			asm.Outer(z[j*3*b.c+c:], x[j:], y[c:], &asm.Sweep{
				Rows: min(rows, b.p-j), Cols: min(wide, b.d-c), Stride: 3 * b.c,
				Images: 1, Height: 1, Width: n, X: asm.Pixels{Pixel: b.row}, Y: asm.Pixels{Pixel: yRow}})
		}
	}
}
