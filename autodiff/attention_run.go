package autodiff

import (
	"spdiff/asm"
	"spdiff/tensor"
)

// An attentionForward is what one worker needs to compute a head of an image.
type attentionForward struct {
	*attention
	q, k, v  []float32   // of all pixels; of one list of keys
	s        [][]float32 // scores of a block of pixels with each list of keys, (block, domain)
	num      [][]float32 // sums over each list of keys, (block, d)
	den      [][]float32 // likewise, (block)
	packedK  [][]float32 // of each list
	packedV  [][]float32
	pack     [][]tensor.Task   // k and v of a list
	scores   [][][]tensor.Task // of a block and a list
	products [][]tensor.Task   // num of a list
}

func newAttentionForward(a *attention) *attentionForward {
	f := &attentionForward{attention: a, q: make([]float32, a.p*a.d), k: make([]float32, a.domain*a.d), v: make([]float32, a.domain*a.d)}
	mix := tensor.NewMatMul(a.block, a.domain, a.d) // (block, domain)·(domain, d)
	score := mix.Transpose()                        // (block, d)·(domain, d)ᵀ
	lists := len(a.Pixels)
	f.scores = make([][][]tensor.Task, a.p/a.block)
	for range lists {
		s, num := make([]float32, a.block*a.domain), make([]float32, a.block*a.d)
		pk, pv := make([]float32, score.PackedLen()), make([]float32, mix.PackedLen())
		f.s, f.num, f.den = append(f.s, s), append(f.num, num), append(f.den, make([]float32, a.block))
		f.packedK, f.packedV = append(f.packedK, pk), append(f.packedV, pv)
		f.pack = append(f.pack, []tensor.Task{mix.PackTransposed(pk, f.k), mix.Pack(pv, f.v)})
		f.products = append(f.products, mix.Forward(num, s, pv, nil))
		for b := range f.scores {
			q := f.q[b*a.block*a.d : (b+1)*a.block*a.d]
			f.scores[b] = append(f.scores[b], score.Forward(s, q, pk, nil))
		}
	}
	return f
}

// run computes a head of an image.
func (f *attentionForward) run(z, qkv []float32, image, head int) {
	at := 3 * head * f.d
	f.gather(f.q, qkv, image, at, f.scale, nil)
	for g, list := range f.Pixels {
		f.gather(f.k, qkv, image, at+f.d, f.scale, list)
		f.gather(f.v, qkv, image, at+2*f.d, 1, list)
		inOrder(f.pack[g])
	}
	for b := range f.scores {
		for g := range f.s {
			inOrder(f.scores[b][g])
		}
		f.exponentials()
		for g := range f.s {
			inOrder(f.products[g])
		}
		tree(f.num)
		tree(f.den)
		f.divide(z, image, head, b)
	}
}

// exponentials replaces scores s by exp(s − max), weighted, and sums them.
func (f *attentionForward) exponentials() {
	for i := range f.block {
		most := asm.Max(f.row(0, i))
		for g := range f.s {
			most = max(most, asm.Max(f.row(g, i)))
		}
		for g := range f.s {
			row := f.row(g, i)
			asm.Shift(row, -most, row)
			asm.Exp(row, row)
			if f.Weight != nil {
				asm.Mul(row, row, f.Weight)
			}
			f.den[g][i] = asm.Sum(row)
		}
	}
}

func (f *attentionForward) row(list, i int) []float32 {
	return f.s[list][i*f.domain : (i+1)*f.domain]
}

// tree adds lists of numbers by the balanced tree over neighbours, into the first.
func tree(x [][]float32) {
	for step := 1; step < len(x); step *= 2 {
		for i := 0; i < len(x); i += 2 * step {
			asm.Add(x[i], x[i], x[i+step])
		}
	}
}

// divide writes numerators over denominators to block b of a head of an image.
func (f *attentionForward) divide(z []float32, image, head, b int) {
	for i := range f.block {
		at := (image*f.p+b*f.block+i)*f.c + head*f.d
		den := f.den[0][i]
		for c, v := range f.num[0][i*f.d : (i+1)*f.d] {
			z[at+c] = v / den
		}
	}
}

// An attentionBackward is what one worker needs to compute the gradient of a head of an image. With dz of the result, for
// pixels i and j,
//
//	dv_j = Σ_i p_ij dz_i,   dp_ij = dz_i·v_j,   ds_ij = p_ij (dp_ij − Σ_j p_ij dp_ij),
//	dq_i = d^−¼ Σ_j ds_ij k_j,   dk_j = d^−¼ Σ_i ds_ij q_i,       q and k scaled,
//
// p computed anew, blocks of pixels i one after the other, their sums dk and dv added.
type attentionBackward struct {
	*attention
	q, k, v, dz      []float32 // of all pixels
	dq, dk, dv, part []float32
	prob, slope      []float32 // p and dp, then ds, (block, P)
	pack             []tensor.Task
	blocks           []attentionBlock
}

// An attentionBlock is the products of a block of pixels.
type attentionBlock struct{ scores, slopes, dq, dk, dv []tensor.Task }

func newAttentionBackward(a *attention) *attentionBackward {
	b := &attentionBackward{attention: a}
	for _, x := range []*[]float32{&b.q, &b.k, &b.v, &b.dz, &b.dq, &b.dk, &b.dv, &b.part} {
		*x = make([]float32, a.p*a.d)
	}
	b.prob, b.slope = make([]float32, a.block*a.p), make([]float32, a.block*a.p)
	mix := tensor.NewMatMul(a.block, a.p, a.d)
	score := mix.Transpose()
	pk, pv, pm := make([]float32, score.PackedLen()), make([]float32, score.PackedLen()), make([]float32, mix.PackedLen())
	b.pack = []tensor.Task{mix.PackTransposed(pk, b.k), mix.PackTransposed(pv, b.v), mix.Pack(pm, b.k)}
	for at := 0; at < a.p*a.d; at += a.block * a.d {
		q, dz, dq := b.q[at:at+a.block*a.d], b.dz[at:at+a.block*a.d], b.dq[at:at+a.block*a.d]
		b.blocks = append(b.blocks, attentionBlock{
			scores: score.Forward(b.prob, q, pk, nil),
			slopes: score.Forward(b.slope, dz, pv, nil),
			dq:     mix.Forward(dq, b.slope, pm, nil),
			dk:     mix.WeightGrad(b.part, b.slope, q),
			dv:     mix.WeightGrad(b.part, b.prob, dz),
		})
	}
	return b
}

// run computes the gradient of a head of an image.
func (b *attentionBackward) run(dqkv, qkv, dz []float32, image, head int) {
	at := 3 * head * b.d
	b.gather(b.q, qkv, image, at, b.scale, nil)
	b.gather(b.k, qkv, image, at+b.d, b.scale, nil)
	b.gather(b.v, qkv, image, at+2*b.d, 1, nil)
	for i := range b.p {
		from := (image*b.p+i)*b.c + head*b.d
		copy(b.dz[i*b.d:(i+1)*b.d], dz[from:])
	}
	inOrder(b.pack)
	clear(b.dk)
	clear(b.dv)
	for i := range b.blocks {
		b.add(&b.blocks[i])
	}
	b.scatter(dqkv, b.dq, image, at, b.scale)
	b.scatter(dqkv, b.dk, image, at+b.d, b.scale)
	b.scatter(dqkv, b.dv, image, at+2*b.d, 1)
}

// add computes dq of a block, and adds what it contributes to dk and dv.
func (b *attentionBackward) add(block *attentionBlock) {
	inOrder(block.scores)
	inOrder(block.slopes)
	for i := range b.block {
		prob, slope := b.prob[i*b.p:(i+1)*b.p], b.slope[i*b.p:(i+1)*b.p]
		asm.Shift(prob, -asm.Max(prob), prob)
		asm.Exp(prob, prob)
		asm.Scale(prob, 1/asm.Sum(prob), prob)
		asm.Shift(slope, -asm.Dot(prob, slope), slope)
		asm.Mul(slope, slope, prob)
	}
	inOrder(block.dq)
	inOrder(block.dk)
	asm.Add(b.dk, b.dk, b.part)
	inOrder(block.dv)
	asm.Add(b.dv, b.dv, b.part)
}

// scatter writes x, times scale, to channels from…from+d of the pixels of an image.
func (b *attentionBackward) scatter(dqkv, x []float32, image, from int, scale float32) {
	for i := range b.p {
		at := (image*b.p+i)*3*b.c + from
		asm.Scale(dqkv[at:at+b.d], scale, x[i*b.d:(i+1)*b.d])
	}
}
