package autodiff

import (
	"fmt"
	"math"
	"slices"

	"spdiff/tensor"
)

// Keys are the pixels that attention sums over, as group.Group.Domain gives them: Pixels[i][d] is pixel d of a fundamental
// domain moved by element i, in tree order, and Weight[d] (nil: 1) how much it counts, a power of two, so that each pixel
// counts once in all. One list of all pixels is the plain order.
type Keys struct {
	Pixels [][]int32
	Weight []float32
}

// Attention is self-attention (Vaswani et al., 2017) among the pixels of each image, in heads of d channels: qkv (N, P, 3C)
// has for each head q, k and v, d channels each, one head after another (the order of the ADM code), and
//
//	z_i = Σ_j e_ij v_j / Σ_j e_ij,   e_ij = exp(s_ij − max_j s_ij),   s_ij = q_i·(d^−½ k_j)
//
// is (N, P, C). There are no positions. For each list of keys, Σ e·v is one chain of fused multiply-adds over its pixels, and
// the lists' sums are added by the balanced tree over neighbours; Σ e is asm.ExpSum. So attention commutes with the group of
// the keys to the last bit. Its gradient sums over pixels in plain order.
//
// In bf16 the factors of products (q, d^−½k, e, weighted v, and those of the gradient) are rounded, no step has keys of two lists, and
// the gradient's sums over pixels i go by steps of 32. With fewer than 8 channels per head all is float32; e and its sums are always
// float32.
//
// The scores of one block of pixels are held at a time. It panics with a *ShapeError if the shapes do not fit,
// the keys are not as they should be, or there is no such precision.
func Attention(qkv *Node, d int, keys Keys) *Node { return In(tensor.Float32).Attention(qkv, d, keys) }

// Attention is the function Attention with products in precision p.
func (p In) Attention(qkv *Node, d int, keys Keys) *Node {
	a := newAttention(qkv, d, keys)
	if err := tensor.Precision(p).Check(); err != nil {
		panic(&ShapeError{"attention", []tensor.Shape{qkv.Shape()}, err.Error()})
	}
	a.precision = tensor.Precision(p).Of(d)
	f := newAttentionForward(a)
	return apply(op{
		name:      "attention",
		shape:     tensor.Shape{a.n, a.p, a.c},
		flops:     4 * int64(a.n*a.p) * int64(a.p*a.c),
		scratch:   f.scratch(),
		attrs:     attributes{"head": d, "keys": keys, "precision": a.precision},
		precision: a.precision,
		bind: func(z []float32, args [][]float32) []tensor.Task {
			qkv, scratch := args[0], args[1]
			return f.tasks(z, qkv, scratch)
		},
		expand: func(x []*Node) *Node { return a.primitive(x[0]) },
		grad:   func(_, dz *Node) []*Node { return []*Node{a.grad(qkv, dz)} },
	}, qkv)
}

// grad returns the gradient of qkv.
func (a *attention) grad(qkv, dz *Node) *Node {
	b := newAttentionBackward(a)
	return apply(op{
		name:      "attention.grad",
		shape:     qkv.Shape(),
		flops:     10 * int64(a.n*a.p) * int64(a.p*a.c),
		scratch:   b.scratch(),
		precision: a.precision,
		bind: func(dqkv []float32, args [][]float32) []tensor.Task {
			qkv, dz, scratch := args[0], args[1], args[2]
			return b.tasks(dqkv, qkv, dz, scratch)
		},
		expand: func(args []*Node) *Node {
			qkv, dz := args[0], args[1]
			return backward(a.primitive(qkv), dz, []*Node{qkv}, true)[0]
		},
	}, qkv, dz)
}

// primitive returns attention in simpler operations.
func (a *attention) primitive(qkv *Node) *Node {
	heads := make([]*Node, a.heads)
	for h := range heads {
		part := func(i int) *Node { return Slice(qkv, (3*h+i)*a.d, (3*h+i+1)*a.d) }
		s := BatchMatMul(part(0), Transpose(Scale(part(1), a.scale)))
		heads[h] = BatchMatMul(Softmax(s), part(2))
	}
	return Concat(heads...)
}

// An attention is its sizes: n images of p pixels and c channels in heads of d.
type attention struct {
	Keys
	n, p, c, d, heads int
	scale             float32 // d^−½
	precision         tensor.Precision
}

// newAttention returns the attention of these shapes, or panics.
func newAttention(qkv *Node, d int, keys Keys) *attention {
	s := qkv.Shape()
	if len(s) != 3 || d < 1 || s[2]%(3*d) != 0 {
		panic(&ShapeError{"attention", []tensor.Shape{s}, fmt.Sprintf("the shape must be (N, P, 3C), and C a multiple of a head's %d channels", d)})
	}
	if reason := keys.check(s[1]); reason != "" {
		panic(&ShapeError{"attention", []tensor.Shape{s}, reason})
	}
	return &attention{Keys: keys, n: s[0], p: s[1], c: s[2] / 3, d: d, heads: s[2] / (3 * d), scale: float32(math.Pow(float64(d), -0.5))}
}

// check says what is wrong with the keys of p pixels, or nothing.
func (k Keys) check(p int) string {
	if n := len(k.Pixels); n != 1 && n != 2 && n != 4 && n != 8 {
		return fmt.Sprintf("%d lists of keys; there must be 1, 2, 4 or 8", n)
	}
	domain := len(k.Pixels[0])
	if k.Weight != nil && len(k.Weight) != domain {
		return fmt.Sprintf("%d weights for %d keys", len(k.Weight), domain)
	}
	count := make([]float64, p)
	for _, list := range k.Pixels {
		if len(list) != domain {
			return fmt.Sprintf("lists of %d and of %d keys; all must have one length", domain, len(list))
		}
		for d, key := range list {
			if key < 0 || int(key) >= p {
				return fmt.Sprintf("key %d is outside an image of %d pixels", key, p)
			}
			count[key] += k.weight(d)
		}
	}
	if i := slices.IndexFunc(count, func(v float64) bool { return v != 1 }); i >= 0 {
		return fmt.Sprintf("pixel %d counts %v times among the keys, not once", i, count[i])
	}
	return ""
}

func (k Keys) weight(d int) float64 {
	if k.Weight == nil {
		return 1
	}
	return float64(k.Weight[d])
}

// ones returns the weights of n keys that count alike.
func ones(n int) []float32 { return slices.Repeat([]float32{1}, n) }

// pixel returns where channels of pixel i of an image begin in qkv: those of q, k or v (part 0, 1 or 2) of a head.
func (a *attention) pixel(image, i, head, part int) int {
	return (image*a.p+i)*3*a.c + (3*head+part)*a.d
}

// result is pixel for the result.
func (a *attention) result(image, i, head int) int { return (image*a.p+i)*a.c + head*a.d }

// scoresRow is the distance of two pixels' scores with so many keys. At multiples of 2 KiB they would fall into few sets
// of the first cache: the gradient of 1,024 pixels takes 5 % longer.
func scoresRow(keys int) int {
	if keys%512 == 0 {
		return keys + 16
	}
	return keys
}

// blockOf returns the pixels of a block. Its scores with the given number of keys take about 256 KiB; but it has 16 pixels at
// least, so that the tiles of a product are full. Blocks are about equal, or of bf16 whole steps of pixels, and no result depends on
// them.
func (a *attention) blockOf(keys int) int {
	blocks := int(max(1, int64(a.p)*int64(keys)>>16)) // a.p·keys may be no int of 32 bits
	return min(a.p, a.precision.Padded(max((a.p+blocks-1)/blocks, min(a.p, 16))))
}

// touch reads a number every 64 bytes from n rows of x. Each has length numbers, and begins row numbers after the one before. What is then
// gathered pixel by pixel is in a near cache: a processor by itself does not foresee such jumps. In bf16 attention of 7×7 pixels takes 14 to
// 20 % less, its gradient 20 %; of 32×32 pixels 8 and 2 %. To touch what the gradient writes as well brought nothing.
//
//go:noinline
func touch(x []float32, row, n, length int) (read uint32) {
	const line = 16
	for i := range n {
		x := x[i*row:][:length]
		for c := 0; c < length; c += line {
			read |= math.Float32bits(x[c])
		}
	}
	return read
}
