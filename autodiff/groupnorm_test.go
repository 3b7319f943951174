package autodiff

import (
	"math"
	"testing"

	"spdiff/asm"
	"spdiff/group"
	"spdiff/tensor"
)

func init() {
	addCases(
		groupNormCase("groupnorm/plain", false, false),
		groupNormCase("groupnorm/film", true, false),
		groupNormCase("groupnorm/silu", false, true),
		groupNormCase("groupnorm/film,silu", true, true),
		inPlace(groupNormCase("groupnorm/in place", true, true)),
		planesCase(),
		opCase{ // several blocks of orbits
			name: "groupnorm/blocks", order: -1, tol: 1e-5,
			args:  []arg{{shape: tensor.Shape{2, 64, 64, 24}}, {shape: tensor.Shape{24}}, {shape: tensor.Shape{24}}},
			build: func(x []*Node) *Node { return GroupNorm(x[0], x[1], x[2], nil, nil, largeNorm) },
			want:  func(x [][]float64) []float64 { return slowGroupNorm(x, 2, 64*64, 24, 6, 1e-5, true) },
		},
		opCase{ // a mean much larger than what varies: two passes over x, no difference of large sums
			name: "groupnorm/offset", order: -1, tol: 1e-3,
			args:  []arg{{shape: tensor.Shape{1, 16, 16, 4}, lo: 1000, hi: 1001}, {shape: tensor.Shape{4}}, {shape: tensor.Shape{4}}},
			build: func(x []*Node) *Node { return GroupNorm(x[0], x[1], x[2], nil, nil, Norm{Groups: 2, Eps: 1e-5}) },
			want:  func(x [][]float64) []float64 { return slowGroupNorm(x, 1, 256, 4, 2, 1e-5, false) },
		},
	)
}

// inPlace makes the first argument of a case a node in the middle of a graph,
// whose memory may be taken by a result as soon as it is dead, with a branch
// around the operation, so that its gradient outlives it: z = (f(2x) + 2x)/2. No
// second derivative keeps it alive.
func inPlace(c opCase) opCase {
	c.order = 1
	build, want := c.build, c.want
	c.build = func(x []*Node) *Node {
		h := Scale(x[0], 2)
		return Scale(Add(build(append([]*Node{h}, x[1:]...)), h), 0.5)
	}
	c.want = func(x [][]float64) []float64 {
		double := make([]float64, len(x[0]))
		for i, v := range x[0] {
			double[i] = 2 * v
		}
		z := want(append([][]float64{double}, x[1:]...))
		for i := range z {
			z[i] = (z[i] + double[i]) / 2
		}
		return z
	}
	return c
}

// largeNorm is for images of 64×64×24, which are cut into blocks.
var largeNorm = Norm{Groups: 6, Eps: 1e-5, Orbits: group.D4.Pixels(64, 64), SiLU: true}

func groupNormCase(name string, film, silu bool) opCase {
	const n, p, c, groups, eps = 2, 9, 6, 2, 1e-3
	norm := Norm{Groups: groups, Eps: eps, Orbits: turns, SiLU: silu}
	o := opCase{
		name: name, covers: []string{"groupnorm.stats", "groupnorm.coef", "groupnorm.sums", "groupnorm.dx"},
		args: []arg{{shape: tensor.Shape{n, 3, 3, c}}, {shape: tensor.Shape{c}}, {shape: tensor.Shape{c}}},
		build: func(x []*Node) *Node {
			if film {
				return GroupNorm(x[0], x[1], x[2], x[3], x[4], norm)
			}
			return GroupNorm(x[0], x[1], x[2], nil, nil, norm)
		},
		want: func(x [][]float64) []float64 { return slowGroupNorm(x, n, p, c, groups, eps, silu) },
		tol:  1e-5,
	}
	if film {
		o.args = append(o.args, arg{shape: tensor.Shape{n, c}}, arg{shape: tensor.Shape{n, c}})
	}
	if silu {
		o.covers = append(o.covers, "groupnorm.du")
	}
	return o
}

// planesCase is a normalisation of two planes: of channels a b c a′ b′ c′ those of a letter are a group. Its slow statement sees
// them beside each other.
func planesCase() opCase {
	const n, p, c = 2, 9, 6
	beside := func(x []float64) []float64 {
		z := make([]float64, len(x))
		for i := range x {
			z[i-i%c+i%3*2+i%c/3] = x[i]
		}
		return z
	}
	o := groupNormCase("groupnorm/planes", true, true)
	norm := Norm{Groups: 3, Planes: 2, Eps: 1e-3, Orbits: turns, SiLU: true}
	o.build = func(x []*Node) *Node { return GroupNorm(x[0], x[1], x[2], x[3], x[4], norm) }
	o.want = func(x [][]float64) []float64 {
		var y [][]float64
		for _, v := range x {
			y = append(y, beside(v))
		}
		z := slowGroupNorm(y, n, p, c, 3, 1e-3, true)
		back := make([]float64, len(z))
		for i := range z {
			back[i] = z[i-i%c+i%3*2+i%c/3]
		}
		return back
	}
	return o
}

// A normalisation over planes commutes with a group that permutes them, to the last bit; one in raster order does not.
func TestGroupNormOfPlanesIsEquivariant(t *testing.T) {
	const c = 4
	for _, g := range group.All()[1:] {
		n := g.Order()
		x := Input("x", 1, 7, 7, n*c)
		gamma, beta := everyPlane(noiseNode(1, c), n), everyPlane(noiseNode(2, c), n)
		z := GroupNorm(x, gamma, beta, nil, nil, Norm{Groups: 2, Planes: n, Eps: 1e-5, Orbits: g.Pixels(7, 7)})
		if d := regularCheck(g, z, x, n, n, c); d != 0 {
			t.Errorf("%v: a difference of %v", g, d)
		}
		twin := GroupNorm(x, gamma, beta, nil, nil, Norm{Groups: 2, Planes: n, Eps: 1e-5})
		if d := regularCheck(g, twin, x, n, n, c); d == 0 || d > 1e-4 {
			t.Errorf("%v: statistics in raster order differ by %v; want a rounding error", g, d)
		}
	}
}

// everyPlane gives n planes the channels x.
func everyPlane(x *Node, n int) *Node {
	c := x.Shape()[0]
	return Reshape(Expand(x, n, c), n*c)
}

// slowGroupNorm is group normalisation in float64, FiLM if x has scale and shift.
func slowGroupNorm(x [][]float64, n, p, c, groups int, eps float64, silu bool) []float64 {
	z := make([]float64, n*p*c)
	per := c / groups
	for i := range n {
		for g := range groups {
			var sum, squares float64
			each := func(f func(k, ch int)) {
				for k := range p {
					for ch := g * per; ch < (g+1)*per; ch++ {
						f((i*p+k)*c+ch, ch)
					}
				}
			}
			each(func(k, _ int) { sum += x[0][k] })
			mean := sum / float64(p*per)
			each(func(k, _ int) { squares += (x[0][k] - mean) * (x[0][k] - mean) })
			r := 1 / math.Sqrt(squares/float64(p*per)+eps)
			each(func(k, ch int) {
				u := (x[0][k]-mean)*r*x[1][ch] + x[2][ch]
				if len(x) > 3 {
					u = u*(1+x[3][i*c+ch]) + x[4][i*c+ch]
				}
				if silu {
					u *= sigmoid(u)
				}
				z[k] = u
			})
		}
	}
	return z
}

func TestGroupNormOfBlocksIsEquivariant(t *testing.T) {
	x := Input("x", 1, 64, 64, 24)
	z := GroupNorm(x, noiseNode(1, 24), noiseNode(2, 24), nil, nil, largeNorm)
	if blocks := blocksOf(64 * 64 * 24); blocks < 2 {
		t.Fatalf("%d blocks; there should be several", blocks)
	}
	images := group.Images{N: 1, H: 64, W: 64, C: 24}
	if d := group.Check(group.D4, function(z, x), normalNoise(images.Len(), 3), images, images); !d.Exact {
		t.Errorf("%v", d)
	}
}

// The gradient of an image of several blocks, which no finite differences can
// reach in time: the one of simpler operations stands for them.
func TestGroupNormGradientOfBlocks(t *testing.T) {
	x, dz := Input("x", 2, 64, 64, 24), Input("dz", 2, 64, 64, 24)
	gamma, beta := noiseNode(1, 24), noiseNode(2, 24)
	in, args := normed[*Node]{x, modulation[*Node]{gamma: gamma, beta: beta}}, []*Node{x, gamma, beta}
	g := newGroupNorm(x, gamma, beta, nil, nil, largeNorm)
	u, _ := g.primitive(in)
	fused, simple := VJP(g.apply(in), dz, args...), VJP(SiLU(u), dz, args...)
	w := Compile(append(fused, simple...)...).NewWorkspace()
	copy(w.Input(x), normalNoise(len(w.Input(x)), 1))
	copy(w.Input(dz), normalNoise(len(w.Input(dz)), 2))
	w.Prepare()
	w.Run()
	for i, what := range []string{"x", "gamma", "beta"} {
		compareTo(t, "gradient by "+what, w.Output(fused[i]), toFloat64([][]float32{w.Output(simple[i])})[0], 2e-5)
	}
}

// The order of the sums is the documented one, to the bit, where blocks begin and just below.
func TestGroupNormOrder(t *testing.T) {
	norm := Norm{Groups: 4, Eps: 1e-5, Orbits: group.D4.Pixels(32, 32)}
	for c, blocks := range map[int]int{60: 1, 64: 2} {
		x := Input("x", 1, 32, 32, c)
		z := GroupNorm(x, noiseNode(1, c), noiseNode(2, c), nil, nil, norm)
		data := normalNoise(32*32*c, 3)
		want := slowNormBits(data, normalNoise(c, 1), normalNoise(c, 2), norm, blocks)
		if !sameBits(evalOne(z, x, data), want) {
			t.Errorf("images of 32×32×%d are not summed in %d blocks, or in another order", c, blocks)
		}
	}
}

// slowNormBits is GroupNorm of an image in its order, without FiLM, planes and SiLU, with sums over so many blocks of orbits.
func slowNormBits(x, gamma, beta []float32, norm Norm, blocks int) []float32 {
	c := len(gamma)
	mu := slowMeans(x, c, norm, blocks, func(v float32, _ int) float32 { return v })
	r := slowMeans(x, c, norm, blocks, func(v float32, ch int) float32 { return float32((v - mu[ch]) * (v - mu[ch])) })
	asm.Shift(r, norm.Eps, r)
	asm.Rsqrt(r, r)
	z := make([]float32, len(x))
	for i, v := range x {
		a := float32(gamma[i%c] * r[i%c])
		z[i] = asm.FMA(a, v, asm.FMA(-mu[i%c], a, beta[i%c]))
	}
	return z
}

// slowMeans returns for each of c channels the mean of f over the pixels and the channels of its group.
func slowMeans(x []float32, c int, norm Norm, blocks int, f func(v float32, ch int) float32) []float32 {
	sums, n := make([]float32, c), len(norm.Orbits)
	for b := range blocks {
		block := make([]float32, c)
		for _, orbit := range norm.Orbits[n*b/blocks : n*(b+1)/blocks] {
			for ch := range c {
				var leaves []float32
				for _, p := range orbit {
					leaves = append(leaves, f(x[int(p)*c+ch], ch))
				}
				block[ch] += slowTree(leaves)
			}
		}
		for ch := range c {
			sums[ch] += block[ch]
		}
	}
	per := c / norm.Groups
	means := make([]float32, c)
	for ch := range c {
		total := float32(0)
		for _, v := range sums[ch/per*per : (ch/per+1)*per] {
			total += v
		}
		means[ch] = total / float32(len(x)/norm.Groups)
	}
	return means
}

// slowTree is the balanced tree over neighbours.
func slowTree(x []float32) float32 {
	if len(x) == 1 {
		return x[0]
	}
	return slowTree(x[:len(x)/2]) + slowTree(x[len(x)/2:])
}

// Blocks are counted beyond 32 bits, on machines of 32 too.
func TestCutManyOrbits(t *testing.T) {
	for b, runs := range cutOrbits(singles(1<<20), 1<<12) {
		if len(runs) != 1 || len(runs[0].pixels) != 256 || runs[0].pixels[0] != int32(256*b) {
			t.Fatalf("block %d of 4,096 is not pixels %d to %d: %v", b, 256*b, 256*b+255, runs)
		}
	}
}

// A constant image is normalised to zero, not divided by it.
func TestGroupNormOfAConstant(t *testing.T) {
	x := Input("x", 1, 3, 3, 2)
	z := GroupNorm(x, Fill(1, 2), Fill(0.5, 2), nil, nil, Norm{Groups: 1, Eps: 1e-5})
	data := make([]float32, 18)
	for i := range data {
		data[i] = 8
	}
	for i, v := range evalOne(z, x, data) {
		if v != 0.5 {
			t.Fatalf("element %d of a constant image is %v, want beta = 0.5", i, v)
		}
	}
}

func TestGroupNormErrors(t *testing.T) {
	x, c, nc := Input("x", 2, 3, 3, 6), Input("c", 6), Input("nc", 2, 6)
	for _, e := range []struct {
		x, gamma, beta, scale, shift *Node
		norm                         Norm
		want                         string
	}{
		{Input("y", 2, 9, 6), c, c, nil, nil, Norm{Groups: 2}, "2×9×6 and 6 and 6: the shape must be (N, H, W, C)"},
		{x, c, c, nil, nil, Norm{}, "2×3×3×6 and 6 and 6: 6 channels do not divide into 0 groups"},
		{x, c, c, nil, nil, Norm{Groups: 4}, "2×3×3×6 and 6 and 6: 6 channels do not divide into 4 groups"},
		{x, c, c, nil, nil, Norm{Groups: 2, Planes: 4}, "2×3×3×6 and 6 and 6: 6 channels do not divide into 4 planes; there may be 1, 2, 4 or 8"},
		{x, c, c, nil, nil, Norm{Groups: 1, Planes: 3}, "2×3×3×6 and 6 and 6: 6 channels do not divide into 3 planes; there may be 1, 2, 4 or 8"},
		{x, c, c, nil, nil, Norm{Groups: 2, Planes: 2}, "2×3×3×6 and 6 and 6: 3 channels do not divide into 2 groups"},
		{x, nc, c, nil, nil, Norm{Groups: 2}, "2×3×3×6 and 2×6 and 6: gamma must be 6"},
		{x, c, nc, nil, nil, Norm{Groups: 2}, "2×3×3×6 and 6 and 2×6: beta must be 6"},
		{x, c, c, c, nc, Norm{Groups: 2}, "2×3×3×6 and 6 and 6 and 6 and 2×6: scale must be 2×6"},
		{x, c, c, nc, c, Norm{Groups: 2}, "2×3×3×6 and 6 and 6 and 2×6 and 6: shift must be 2×6"},
		{x, c, c, nc, nil, Norm{Groups: 2}, "2×3×3×6 and 6 and 6 and 2×6: scale and shift come together or not at all"},
		{x, c, c, nil, nc, Norm{Groups: 2}, "2×3×3×6 and 6 and 6 and 2×6: scale and shift come together or not at all"},
		{x, c, c, nil, nil, Norm{Groups: 2, Orbits: [][]int32{{0, 1}}}, "2×3×3×6: the orbits hold 2 of the 9 pixels"},
	} {
		wantShapeError(t, func() { GroupNorm(e.x, e.gamma, e.beta, e.scale, e.shift, e.norm) }, "autodiff: groupnorm of "+e.want)
	}
}
