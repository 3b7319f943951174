package autodiff

import (
	"fmt"
	"math"

	"spdiff/tensor"
)

// Keys are the pixels that attention sums over, as group.Group.Domain gives them: Pixels[i][d] is pixel d of a fundamental
// domain moved by element i, in tree order, and Weight[d] (nil: 1) how much it counts, so that each pixel counts once in all.
// One list of all pixels is the plain order.
type Keys struct {
	Pixels [][]int32
	Weight []float32
}

// Attention is self-attention (Vaswani et al., 2017) among the pixels of each image, in heads of d channels: qkv (N, P, 3C)
// has for each head q, k and v, d channels each, one head after another (the order of the ADM code), and
//
//	z_i = Σ_j p_ij v_j,   p_ij = exp(s_ij − max_j s_ij) / Σ_j exp(s_ij − max_j s_ij),   s_ij = (d^−¼ q_i)·(d^−¼ k_j)
//
// is (N, P, C). There are no positions. For each list of keys, Σ exp·v is a chain of fused multiply-adds over its pixels, and
// Σ exp is asm.Sum; the lists' sums are added by the balanced tree over neighbours, numerators and denominators apart. So
// under the group of the keys attention is equivariant to the last bit. Its gradient sums over pixels in plain order.
//
// Only the scores of some pixels with all are held at a time. It panics with a *ShapeError if the shapes do not fit or the
// keys are not as they should be.
func Attention(qkv *Node, d int, keys Keys) *Node {
	a := newAttention(qkv, d, keys)
	return apply(op{
		name:  "attention",
		shape: tensor.Shape{a.n, a.p, a.c},
		flops: 4 * int64(a.n*a.p*a.p*a.c),
		bind: func(z []float32, x [][]float32) []tensor.Task {
			return []tensor.Task{a.pieces(func() func(image, head int) {
				f := newAttentionForward(a)
				return func(image, head int) { f.run(z, x[0], image, head) }
			})}
		},
		grad: func(_, dz *Node) []*Node { return []*Node{a.grad(qkv, dz)} },
	}, qkv)
}

// grad returns the gradient of qkv.
func (a *attention) grad(qkv, dz *Node) *Node {
	return apply(op{
		name:  "attention.grad",
		shape: qkv.Shape(),
		flops: 10 * int64(a.n*a.p*a.p*a.c),
		bind: func(dqkv []float32, x [][]float32) []tensor.Task {
			return []tensor.Task{a.pieces(func() func(image, head int) {
				b := newAttentionBackward(a)
				return func(image, head int) { b.run(dqkv, x[0], x[1], image, head) }
			})}
		},
		expand: func(x []*Node) *Node {
			return backward(a.primitive(x[0]), x[1], x[:1], true)[0]
		},
	}, qkv, dz)
}

// primitive returns attention in simpler operations.
func (a *attention) primitive(qkv *Node) *Node {
	heads := make([]*Node, a.heads)
	for h := range heads {
		part := func(i int) *Node { return Slice(qkv, (3*h+i)*a.d, (3*h+i+1)*a.d) }
		s := BatchMatMul(Scale(part(0), a.scale), Transpose(Scale(part(1), a.scale)))
		heads[h] = BatchMatMul(Softmax(s), part(2))
	}
	return Concat(heads...)
}

// An attention is its sizes: n images of p pixels and c channels in heads of d.
type attention struct {
	Keys
	n, p, c, d, heads int
	domain            int // pixels of a list of keys
	block             int // pixels whose scores are held at a time; it divides p
	scale             float32
}

func newAttention(qkv *Node, d int, keys Keys) *attention {
	s := qkv.Shape()
	fail := func(format string, x ...any) {
		panic(&ShapeError{"attention", []tensor.Shape{s}, fmt.Sprintf(format, x...)})
	}
	if len(s) != 3 || d < 1 || s[2]%(3*d) != 0 {
		fail("the shape must be (N, P, 3C), and C a multiple of a head's %d channels", d)
	}
	if n := len(keys.Pixels); n != 1 && n != 2 && n != 4 && n != 8 {
		fail("%d lists of keys; there must be 1, 2, 4 or 8", n)
	}
	a := &attention{Keys: keys, n: s[0], p: s[1], c: s[2] / 3, d: d, heads: s[2] / (3 * d), domain: len(keys.Pixels[0])}
	a.scale = float32(math.Pow(float64(d), -0.25))
	a.block = divisor(a.p, 256)
	if keys.Weight != nil && len(keys.Weight) != a.domain {
		fail("%d weights for %d keys", len(keys.Weight), a.domain)
	}
	count := make([]float64, a.p)
	for _, list := range keys.Pixels {
		if len(list) != a.domain {
			fail("the lists of keys have %d and %d pixels", a.domain, len(list))
		}
		for i, p := range list {
			if p < 0 || int(p) >= a.p {
				fail("key %d is outside an image of %d pixels", p, a.p)
			}
			count[p] += a.weight(i)
		}
	}
	for p, v := range count {
		if v != 1 {
			fail("pixel %d counts %v times among the keys", p, v)
		}
	}
	return a
}

func (a *attention) weight(i int) float64 {
	if a.Weight == nil {
		return 1
	}
	return float64(a.Weight[i])
}

// divisor returns the largest divisor of n that is at most most.
func divisor(n, most int) int {
	for d := min(n, most); ; d-- {
		if n%d == 0 {
			return d
		}
	}
}

// pieces returns the work of all images and heads; each worker has a function and memory of its own, made here.
func (a *attention) pieces(worker func() func(image, head int)) tensor.Task {
	do := make([]func(image, head int), tensor.MaxWorkers)
	for k := range do {
		do[k] = worker()
	}
	return tensor.Task{N: a.n * a.heads, Do: func(i, worker int) { do[worker](i/a.heads, i%a.heads) }}
}

// gather sets z to channels from…from+d of the pixels of an image, times scale, in order or as the list says.
func (a *attention) gather(z, qkv []float32, image, from int, scale float32, list []int32) {
	for i := range len(z) / a.d {
		p := i
		if list != nil {
			p = int(list[i])
		}
		at := (image*a.p+p)*3*a.c + from
		for c, v := range qkv[at : at+a.d] {
			z[i*a.d+c] = v * scale
		}
	}
}

// inOrder does all pieces of tasks, one after the other, in this goroutine.
func inOrder(tasks []tensor.Task) {
	for _, t := range tasks {
		for i := range t.N {
			t.Do(i, 0)
		}
	}
}
