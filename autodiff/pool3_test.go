package autodiff

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"spdiff/group"
	"spdiff/tensor"
)

func init() {
	for _, p := range []Pool{{Stride: 2}, {Stride: 1, Pad: true}, {Stride: 2, Pad: true}, {Stride: 3}} {
		addCases(opCase{
			name:  fmt.Sprintf("maxpool3/%d/%v", p.Stride, p.Pad),
			args:  []arg{{shape: tensor.Shape{2, 7, 6, 3}, data: apart(2 * 7 * 6 * 3)}},
			build: func(x []*Node) *Node { return MaxPool3(x[0], p) },
			want:  func(x [][]float64) []float64 { return slowMaxPool(x[0], 2, 7, 6, 3, p) },
		})
	}
	for _, s := range []tensor.Shape{{2, 4, 5, 3}, {1, 2, 2, 1}, {9, 3, 2, 60}} {
		c := opCase{
			name:   "meanpool3/" + s.String(),
			covers: []string{"box3"},
			args:   []arg{{shape: s}},
			build:  func(x []*Node) *Node { return MeanPool3(x[0]) },
			want:   func(x [][]float64) []float64 { return slowMeanPool(x[0], s) },
		}
		if s[0] > 2 {
			c.covers, c.order = nil, -1
		}
		addCases(c)
	}
}

// apart returns different numbers in some order, farther apart than finite differences reach.
func apart(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32((i*101)%n)/float32(n/2) - 1
	}
	return x
}

// slowMaxPool is MaxPool3 as it is defined.
func slowMaxPool(x []float64, n, h, w, c int, p Pool) (z []float64) {
	first, last := 0, 3
	if p.Pad {
		first, last = -1, 2
	}
	for image := range n {
		for y := first; y+last-first <= h-first; y += p.Stride {
			for xx := first; xx+last-first <= w-first; xx += p.Stride {
				for ch := range c {
					most := math.Inf(-1)
					for r := max(y, 0); r < min(y+3, h); r++ {
						for q := max(xx, 0); q < min(xx+3, w); q++ {
							most = max(most, x[((image*h+r)*w+q)*c+ch])
						}
					}
					z = append(z, most)
				}
			}
		}
	}
	return z
}

// slowMeanPool is MeanPool3 as it is defined.
func slowMeanPool(x []float64, s tensor.Shape) []float64 {
	z := make([]float64, len(x))
	for i := range z {
		ch, p := i%s[3], i/s[3]
		image, y, xx := p/(s[1]*s[2]), p/s[2]%s[1], p%s[2]
		sum, n := 0.0, 0.0
		for r := max(y-1, 0); r <= min(y+1, s[1]-1); r++ {
			for q := max(xx-1, 0); q <= min(xx+1, s[2]-1); q++ {
				sum += x[((image*s[1]+r)*s[2]+q)*s[3]+ch]
				n++
			}
		}
		z[i] = sum / n
	}
	return z
}

// Both pools commute with D4 to the last bit, where it maps windows to windows.
func TestPools3Commute(t *testing.T) {
	for name, pool := range map[string]func(x *Node) *Node{
		"mean":            MeanPool3,
		"max":             func(x *Node) *Node { return MaxPool3(x, Pool{Stride: 1, Pad: true}) },
		"max with stride": func(x *Node) *Node { return MaxPool3(x, Pool{Stride: 2}) },
	} {
		x := Input("x", 2, 7, 7, 5)
		z := pool(x)
		w := Compile(z).NewWorkspace()
		data := normalNoise(2*7*7*5, 3)
		in, out := group.Images{N: 2, H: 7, W: 7, C: 5}, group.Images{N: 2, H: z.Shape()[1], W: z.Shape()[2], C: 5}
		d := group.Check(group.D4, func(z_, x_ []float32) {
			copy(w.Input(x), x_)
			w.Run()
			copy(z_, w.Output(z))
		}, data, in, out)
		if d.String() != "equal bits" {
			t.Errorf("%s: %v", name, d)
		}
	}
}

// Of several numbers that are the largest of a window, the first has the gradient.
func TestMaxPool3GradientOfEqual(t *testing.T) {
	x := Input("x", 1, 3, 3, 1)
	d := Grad(Sum(MaxPool3(x, Pool{Stride: 1})), x)[0]
	if got := evalOne(d, x, []float32{1, 2, 3, 0, 3, 3, 1, 3, 2}); !slices.Equal(got, []float32{0, 0, 1, 0, 0, 0, 0, 0, 0}) {
		t.Errorf("the gradient is %v", got)
	}
}

func TestPools3Panic(t *testing.T) {
	wantShapeError(t, func() { MeanPool3(Input("x", 4, 4, 3)) }, "autodiff: meanpool3 of 4×4×3: the shape must be (N, H, W, C), of 2×2 pixels or more")
	wantShapeError(t, func() { MeanPool3(Input("x", 1, 4, 1, 3)) }, "autodiff: meanpool3 of 1×4×1×3: the shape must be (N, H, W, C), of 2×2 pixels or more")
	wantShapeError(t, func() { MaxPool3(Input("x", 1, 4, 2, 3), Pool{Stride: 2}) },
		"autodiff: maxpool3 of 1×4×2×3: the shape must be (N, H, W, C), with 3×3 pixels or more, and the stride 2 positive")
}
