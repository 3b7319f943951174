package autodiff

import (
	"fmt"
	"math"
	"testing"

	"spdiff/group"
	"spdiff/tensor"
)

func init() {
	pixels, weight := group.D4.Domain(3, 3)
	big := attentionCase("attention/blocks", 1, 401, 40, 2, plainKeys(401))
	big.order = -1
	gaps := attentionCase("attention/gaps", 1, 512, 8, 1, plainKeys(512))
	gaps.order = -1
	addCases(
		attentionCase("attention/plain", 2, 9, 3, 2, plainKeys(9)),
		attentionCase("attention/C4", 2, 9, 3, 2, Keys{
			Pixels: [][]int32{{0, 1, 4}, {8, 7, 4}, {6, 3, 4}, {2, 5, 4}},
			Weight: []float32{1, 1, 0.25},
		}),
		attentionCase("attention/D4", 1, 9, 2, 1, Keys{pixels, weight}),
		big, gaps,
	)
}

func attentionCase(name string, n, p, d, heads int, keys Keys) opCase {
	c := opCase{
		name:  name,
		args:  []arg{{shape: tensor.Shape{n, p, 3 * d * heads}}},
		build: func(x []*Node) *Node { return Attention(x[0], d, keys) },
		want:  func(x [][]float64) []float64 { return slowAttention(x[0], n, p, d, heads) },
		tol:   1e-5,
	}
	if p < 100 { // else no derivative is asked for
		c.covers = []string{"attention.grad"}
	}
	return c
}

// slowAttention is attention in float64.
func slowAttention(qkv []float64, n, p, d, heads int) []float64 {
	c := d * heads
	z := make([]float64, n*p*c)
	at := func(img, pixel, head, part, ch int) float64 { return qkv[(img*p+pixel)*3*c+(3*head+part)*d+ch] }
	for i := range n * p * heads {
		img, pixel, head := i/heads/p, i/heads%p, i%heads
		var total float64
		e := make([]float64, p)
		for j := range e {
			s := 0.0
			for ch := range d {
				s += at(img, pixel, head, 0, ch) * at(img, j, head, 1, ch)
			}
			e[j] = math.Exp(s / math.Sqrt(float64(d)))
			total += e[j]
		}
		for j, v := range e {
			for ch := range d {
				z[(img*p+pixel)*c+head*d+ch] += v / total * at(img, j, head, 2, ch)
			}
		}
	}
	return z
}

// An attention of several blocks, the last one shorter, whose gradient no finite
// differences can reach in time: the one of simpler operations stands for them.
func TestAttentionGradientOfBlocks(t *testing.T) {
	for _, p := range []int{401, 512} { // scores of 512 pixels have gaps between their rows
		gradientOfBlocks(t, p, tensor.Float32, 2e-5)
		gradientOfBlocks(t, p, tensor.BF16, 2e-2)
	}
}

func gradientOfBlocks(t *testing.T, p int, precision tensor.Precision, tolerance float64) {
	const n, d, heads = 2, 40, 2
	x, dz := Input("x", n, p, 3*d*heads), Input("dz", n, p, d*heads)
	a := newAttention(x, d, plainKeys(p))
	a.precision = precision
	if f := newAttentionForward(a); f.block >= p || p == 401 && p%f.block == 0 {
		t.Fatalf("blocks of %d pixels; there should be several, and an uneven one", f.block)
	}
	fused, simple := a.grad(x, dz), VJP(a.primitive(x), dz, x)[0]
	w := Compile(fused, simple).NewWorkspace()
	copy(w.Input(x), normalNoise(len(w.Input(x)), 1))
	copy(w.Input(dz), normalNoise(len(w.Input(dz)), 2))
	w.Run()
	compareTo(t, fmt.Sprintf("gradient of %d pixels, %v", p, precision), w.Output(fused), toFloat64([][]float32{w.Output(simple)})[0], tolerance)
}

// Scores beyond the range of exp do no harm: the greatest is subtracted first.
func TestAttentionOfLargeScores(t *testing.T) {
	x := Input("x", 1, 2, 3)
	z := Attention(x, 1, plainKeys(2))
	// q, k, v of the two pixels: the scores of the first are 10⁶ and −10⁶.
	got := evalOne(z, x, []float32{1000, 1000, 7, -1000, -1000, 3})
	if got[0] != 7 || got[1] != 3 {
		t.Errorf("attention is %v, want each pixel's own v, 7 and 3", got)
	}
}

func TestAttentionErrors(t *testing.T) {
	x := Input("x", 2, 4, 12)
	all := []int32{0, 1, 2, 3}
	for _, c := range []struct {
		x    *Node
		d    int
		keys Keys
		want string
	}{
		{x, 3, Keys{Pixels: [][]int32{all}}, "2×4×12: the shape must be (N, P, 3C), and C a multiple of a head's 3 channels"},
		{x, 0, Keys{Pixels: [][]int32{all}}, "2×4×12: the shape must be (N, P, 3C), and C a multiple of a head's 0 channels"},
		{Input("y", 4, 12), 2, Keys{Pixels: [][]int32{all}}, "4×12: the shape must be (N, P, 3C), and C a multiple of a head's 2 channels"},
		{x, 2, Keys{}, "2×4×12: 0 lists of keys; there must be 1, 2, 4 or 8"},
		{x, 2, Keys{Pixels: [][]int32{{0, 1}, {2}}}, "2×4×12: lists of 2 and of 1 keys; all must have one length"},
		{x, 2, Keys{Pixels: [][]int32{{0, 1, 2, 4}}}, "2×4×12: key 4 is outside an image of 4 pixels"},
		{x, 2, Keys{Pixels: [][]int32{{0, 1, 2, 2}}}, "2×4×12: pixel 2 counts 2 times among the keys, not once"},
		{x, 2, Keys{Pixels: [][]int32{all}, Weight: []float32{1}}, "2×4×12: 1 weights for 4 keys"},
		{x, 2, Keys{Pixels: [][]int32{all}, Weight: []float32{1, 1, 0.5, 1}}, "2×4×12: pixel 2 counts 0.5 times among the keys, not once"},
	} {
		wantShapeError(t, func() { Attention(c.x, c.d, c.keys) }, "autodiff: attention of "+c.want)
	}
}
