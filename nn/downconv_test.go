package nn

import (
	"math"
	"testing"

	"spdiff/autodiff"
	"spdiff/group"
	"spdiff/tensor"
)

// downConv returns a layer with random parameters, and a function that runs it.
func downConv(g group.Group, h, w, size int) (*DownConv2D, func(z, x []float32)) {
	in, _ := NewGrid(g, h, w)
	out, _ := NewGrid(g, h/2, w/2)
	c := NewDownConv2D("down", Scalars(in, 3), Scalars(out, 5), size)
	for _, p := range c.Params() {
		p.Init(uint64(size))
	}
	return c, runOf(func(x *autodiff.Node) *autodiff.Node { return c.Apply(x, nil) }, h, w, 3)
}

// runOf returns a function that runs a graph on an image.
func runOf(f func(x *autodiff.Node) *autodiff.Node, h, w, c int) func(z, x []float32) {
	x := autodiff.Input("x", 1, h, w, c)
	z := f(x)
	ws := autodiff.Compile(z).NewWorkspace()
	return func(out, in []float32) {
		copy(ws.Input(x), in)
		ws.Prepare()
		ws.Run()
		copy(out, ws.Output(z))
	}
}

// Tied kernels of every even size commute with every group to the last bit, on square and oblong grids.
func TestDownConvIsEquivariant(t *testing.T) {
	for _, g := range group.All() {
		for _, size := range []int{2, 4, 6} {
			for _, grid := range [][2]int{{8, 8}, {10, 10}, {6, 12}} {
				if g.Acts(grid[0], grid[1]) != nil {
					continue
				}
				_, run := downConv(g, grid[0], grid[1], size)
				in := group.Images{N: 1, H: grid[0], W: grid[1], C: 3}
				out := group.Images{N: 1, H: grid[0] / 2, W: grid[1] / 2, C: 5}
				if d := group.Check(g, run, randomSlice(in.Len(), 3), in, out); !d.Exact {
					t.Errorf("%v, %d×%d taps on %v: %v", g, size, size, grid, d)
				}
			}
		}
	}
}

// The twins that do not: the same sums with an odd kernel tied about its own middle, and orbits summed in raster order.
func TestBrokenDownConvs(t *testing.T) {
	const side, channels = 8, 3
	for name, kernel := range map[string]tensor.Kernel{
		"an odd kernel with stride 2": group.C4.Taps(3, 3),
		"orbits in raster order":      {{{0, 0}, {0, 1}, {1, 0}, {1, 1}}},
	} {
		k := len(kernel) * channels
		w := tensor.From(randomSlice(k*5, 1), k, 5)
		run := runOf(func(x *autodiff.Node) *autodiff.Node {
			return autodiff.Linear(autodiff.TapSums2(x, kernel), autodiff.Variable(w), autodiff.Zeros(5))
		}, side, side, channels)
		in, out := group.Images{N: 1, H: side, W: side, C: channels}, group.Images{N: 1, H: side / 2, W: side / 2, C: 5}
		if d := group.Check(group.C4, run, randomSlice(in.Len(), 3), in, out); d.Exact {
			t.Errorf("%s: no difference is seen", name)
		}
	}
}

// The layer is the convolution that its weights say when they are expanded, as a file has them.
func TestDownConvIsTheConvolution(t *testing.T) {
	for _, size := range []int{2, 4} {
		const h, w = 6, 8
		c, run := downConv(group.D2, h, w, size)
		x, got := randomSlice(h*w*3, 9), make([]float32, h/2*w/2*5)
		run(got, x)
		f := Weights(c.Params(), nil)
		full := f.Tensors[0].Value.Data() // (out, in, size, size)
		pad := size/2 - 1
		for i, v := range got {
			o, px, py := i%5, i/5%(w/2), i/5/(w/2)
			want := float64(c.Bias.Value.Data()[o])
			for ty := range size {
				for tx := range size {
					y, xx := 2*py+ty-pad, 2*px+tx-pad
					if y < 0 || y >= h || xx < 0 || xx >= w {
						continue
					}
					for in := range 3 {
						want += float64(full[((o*3+in)*size+ty)*size+tx]) * float64(x[(y*w+xx)*3+in])
					}
				}
			}
			if math.Abs(float64(v)-want) > 1e-5 {
				t.Fatalf("%d×%d taps, number %d is %v, want %v", size, size, i, v, want)
			}
		}
	}
}

// What cannot keep the promise is refused by name.
func TestDownConvRefuses(t *testing.T) {
	full, _ := NewGrid(group.C4, 8, 8)
	half, _ := NewGrid(group.C4, 4, 4)
	for _, f := range []func(){
		func() { NewDownConv2D("a", Scalars(full, 1), Scalars(half, 1), 3) },
		func() { NewDownConv2D("a", Scalars(full, 1), Scalars(full, 1), 2) },
		func() { NewDownConv2D("a", Scalars(full, 1), Scalars(half, 1), 0) },
	} {
		func() {
			defer func() {
				if e, ok := recover().(*FieldError); !ok || e.Layer != "a" {
					t.Errorf("no *FieldError")
				}
			}()
			f()
		}()
	}
}
