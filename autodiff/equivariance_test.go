package autodiff

import (
	"fmt"
	"testing"

	"spdiff/group"
	"spdiff/tensor"
)

// A symmetric is an operation that commutes with a group acting on its images,
// to the last bit, and a broken twin: the same mathematics, its sums in raster
// order. The twin shows that the test can see a wrong order.
type symmetric struct {
	name        string
	even        bool // takes images with even sides only
	exact, twin func(g group.Group, x *Node) *Node
}

// channels of the images of all cases: qkv of two heads of 4, groups of 3.
const symChannels = 24

var symmetrics = []symmetric{
	{
		name:  "conv 3×3",
		exact: func(g group.Group, x *Node) *Node { return Conv(x, tiedWeights(g, 3), symBias(7), g.Taps(3, 3)) },
		twin: func(g group.Group, x *Node) *Node {
			return Conv(x, untied(tiedWeights(g, 3), g, 3), symBias(7), tensor.Dense(3, 3))
		},
	},
	{
		name:  "conv 5×5",
		exact: func(g group.Group, x *Node) *Node { return Conv(x, tiedWeights(g, 5), nil, g.Taps(5, 5)) },
		twin: func(g group.Group, x *Node) *Node {
			return Conv(x, untied(tiedWeights(g, 5), g, 5), nil, tensor.Dense(5, 5))
		},
	},
	{
		name:  "gradient of conv",
		exact: func(g group.Group, x *Node) *Node { return convGrad(x, tiedWeights(g, 3), g.Taps(3, 3)) },
		twin: func(g group.Group, x *Node) *Node {
			return convGrad(x, untied(tiedWeights(g, 3), g, 3), tensor.Dense(3, 3))
		},
	},
	{
		name:  "groupnorm",
		exact: func(g group.Group, x *Node) *Node { return symNorm(x, g.Pixels(x.Shape()[1], x.Shape()[2]), false) },
		twin:  func(_ group.Group, x *Node) *Node { return symNorm(x, nil, false) },
	},
	{
		name:  "groupnorm, film, silu",
		exact: func(g group.Group, x *Node) *Node { return symNorm(x, g.Pixels(x.Shape()[1], x.Shape()[2]), true) },
		twin:  func(_ group.Group, x *Node) *Node { return symNorm(x, nil, true) },
	},
	{
		name: "attention",
		exact: func(g group.Group, x *Node) *Node {
			pixels, weight := g.Domain(x.Shape()[1], x.Shape()[2])
			return symAttention(x, Keys{pixels, weight})
		},
		twin: func(_ group.Group, x *Node) *Node {
			return symAttention(x, plainKeys(x.Shape()[1]*x.Shape()[2]))
		},
	},
	{
		name: "meanpool2", even: true,
		exact: func(_ group.Group, x *Node) *Node { return MeanPool2(x) },
		twin:  func(_ group.Group, x *Node) *Node { return Scale(rasterPool(x), 0.25) },
	},
	{
		name:  "upsample2",
		exact: func(_ group.Group, x *Node) *Node { return Upsample2(x) },
		// Doubling sums nothing that could be in a wrong order; a wrong place it can have.
		twin: func(_ group.Group, x *Node) *Node { return shiftedUpsample(x) },
	},
	{
		name: "gradient of upsample2", even: true,
		exact: func(_ group.Group, x *Node) *Node {
			s := x.Shape()
			small := Input("small", s[0], s[1]/2, s[2]/2, s[3])
			return VJP(Upsample2(small), x, small)[0]
		},
		twin: func(_ group.Group, x *Node) *Node { return rasterPool(x) },
	},
}

// Square and oblong, even and odd.
var symSizes = [][2]int{{6, 6}, {5, 5}, {4, 6}, {3, 5}}

func TestEquivariance(t *testing.T) {
	for _, c := range symmetrics {
		for _, g := range group.All() {
			for _, size := range symSizes {
				h, w := size[0], size[1]
				if g.Acts(h, w) != nil || c.even && (h%2 != 0 || w%2 != 0) {
					continue
				}
				t.Run(fmt.Sprintf("%s/%s/%d×%d", c.name, g.Name(), h, w), func(t *testing.T) { c.check(t, g, h, w) })
			}
		}
	}
}

func (c *symmetric) check(t *testing.T, g group.Group, h, w int) {
	in := group.Images{N: 2, H: h, W: w, C: symChannels}
	data := normalNoise(in.Len(), 3)
	measure := func(build func(group.Group, *Node) *Node) group.Difference {
		x := Input("x", in.N, in.H, in.W, in.C)
		z := build(g, x)
		s := z.Shape()
		return group.Check(g, function(z, x), data, in, group.Images{N: s[0], H: s[1], W: s[2], C: s[3]})
	}
	if d := measure(c.exact); !d.Exact {
		t.Errorf("%v", d)
	}
	if d := measure(c.twin); g != group.C1 && d.Exact {
		t.Error("the twin in raster order commutes too: the test sees nothing")
	}
}

// function is y as a function of the input x.
func function(y, x *Node) func(z, data []float32) {
	w := Compile(y).NewWorkspace()
	w.Prepare()
	return func(z, data []float32) {
		copy(w.Input(x), data)
		w.Run()
		copy(z, w.Output(y))
	}
}

// normalNoise returns n normal numbers.
func normalNoise(n int, seed uint64) []float32 {
	x := make([]float32, n)
	tensor.NewStream(seed, 0).Normal(x, 0)
	return x
}

func noiseNode(seed uint64, shape ...int) *Node {
	return Constant(tensor.From(normalNoise(size(shape), seed), shape...))
}

// tiedWeights returns one weight for each orbit of k×k taps.
func tiedWeights(g group.Group, k int) *Node {
	return noiseNode(5, len(g.Taps(k, k)), symChannels, 7)
}

func symBias(n int) *Node { return noiseNode(6, n) }

// untied returns the k×k kernel in raster order that w stands for.
func untied(w *Node, g group.Group, k int) *Node {
	per := w.Shape()[1] * w.Shape()[2]
	out := tensor.New(k*k, w.Shape()[1], w.Shape()[2])
	for o, orbit := range g.Taps(k, k) {
		for _, tap := range orbit {
			at := (tap[0]+(k-1)/2)*k + tap[1] + (k-1)/2
			copy(out.Data()[at*per:(at+1)*per], w.data.Data()[o*per:(o+1)*per])
		}
	}
	return Constant(out)
}

// convGrad is the gradient of the input of a convolution to x's channels, for
// the gradient x by the output.
func convGrad(x, w *Node, k tensor.Kernel) *Node {
	s := x.Shape()
	w = Transpose(w) // (orbits, 7, symChannels)
	in := Input("in", s[0], s[1], s[2], 7)
	return VJP(Conv(in, w, nil, k), x, in)[0]
}

func symNorm(x *Node, orbits [][]int32, full bool) *Node {
	n, c := x.Shape()[0], x.Shape()[3]
	var scale, shift *Node
	if full {
		scale, shift = noiseNode(8, n, c), noiseNode(9, n, c)
	}
	return GroupNorm(x, noiseNode(10, c), noiseNode(11, c), scale, shift,
		Norm{Groups: 8, Eps: 1e-5, Orbits: orbits, SiLU: full})
}

func symAttention(x *Node, keys Keys) *Node {
	s := x.Shape()
	z := Attention(Reshape(x, s[0], s[1]*s[2], s[3]), 4, keys)
	return Reshape(z, s[0], s[1], s[2], s[3]/3)
}

func plainKeys(p int) Keys {
	all := make([]int32, p)
	for i := range all {
		all[i] = int32(i)
	}
	return Keys{Pixels: [][]int32{all}}
}

// rasterPool sums 2×2 pixels one after the other.
func rasterPool(x *Node) *Node {
	s := x.Shape()
	n, h, w, c := s[0], s[1]/2, s[2]/2, s[3]
	return Reshape(SumTo(Reshape(x, n, h, 2, w, 2, c), n, h, 1, w, 1, c), n, h, w, c)
}

// shiftedUpsample doubles images and then moves them by a pixel, down and to
// the right: what a half-pixel mistake does.
func shiftedUpsample(x *Node) *Node {
	up := Upsample2(x)
	c := up.Shape()[3]
	w := tensor.New(1, c, c)
	for i := range c {
		w.Data()[i*c+i] = 1
	}
	return Conv(up, Constant(w), nil, tensor.Kernel{{{-1, -1}}})
}
