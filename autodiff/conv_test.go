package autodiff

import (
	"errors"
	"testing"

	"spdiff/tensor"
)

// corners, edges and centre of a 3×3 kernel under the quarter turns.
var tied3x3 = tensor.Kernel{
	{{-1, -1}, {1, 1}, {1, -1}, {-1, 1}},
	{{-1, 0}, {1, 0}, {0, -1}, {0, 1}},
	{{0, 0}},
}

// slowConv is a convolution in float64, z = bias + x∗w.
func slowConv(n, h, w, cin, cout int, k tensor.Kernel) func(x [][]float64) []float64 {
	return func(a [][]float64) []float64 {
		z := make([]float64, n*h*w*cout)
		for i := range z {
			img, y, x, o := i/cout/(h*w), i/cout/w%h, i/cout%w, i%cout
			if len(a) > 2 {
				z[i] = a[2][o]
			}
			for t, orbit := range k {
				for _, tap := range orbit {
					yy, xx := y+tap[0], x+tap[1]
					if yy < 0 || yy >= h || xx < 0 || xx >= w {
						continue
					}
					for c := range cin {
						z[i] += a[0][((img*h+yy)*w+xx)*cin+c] * a[1][(t*cin+c)*cout+o]
					}
				}
			}
		}
		return z
	}
}

func convCase(name string, k tensor.Kernel, bias bool) opCase {
	const n, h, w, cin, cout = 2, 4, 3, 2, 3
	c := opCase{
		name: name, covers: []string{"product", "product.dx", "product.dw", "product.pack", "product.packT"},
		args:  []arg{{shape: tensor.Shape{n, h, w, cin}}, {shape: tensor.Shape{len(k), cin, cout}}},
		build: func(x []*Node) *Node { return Conv(x[0], x[1], nil, k) },
		want:  slowConv(n, h, w, cin, cout, k),
		tol:   1e-5,
	}
	if bias {
		c.args = append(c.args, arg{shape: tensor.Shape{cout}})
		c.build = func(x []*Node) *Node { return Conv(x[0], x[1], x[2], k) }
	}
	return c
}

func init() {
	addCases(
		convCase("product/dense", tensor.Dense(3, 3), true),
		convCase("product/tied", tied3x3, false),
		convCase("product/even", tensor.Dense(2, 4), false),
		convCase("product/a tap in two orbits", tensor.Kernel{{{0, 0}}, {{0, 0}}}, false),
		convCase("product/a tap twice in an orbit", tensor.Kernel{{{0, 1}, {0, 1}}, {{0, 0}}}, false),
		opCase{ // beyond one piece of work
			name: "product/large", order: -1, tol: 1e-5,
			args:  []arg{{shape: tensor.Shape{3, 20, 17, 21}}, {shape: tensor.Shape{3, 21, 37}}, {shape: tensor.Shape{37}}},
			build: func(x []*Node) *Node { return Conv(x[0], x[1], x[2], tied3x3) },
			want:  slowConv(3, 20, 17, 21, 37, tied3x3),
		},
	)
}

// Weights that are variables are packed by Prepare, in whatever way they are
// read; Run packs nothing.
func TestWeightsArePackedOnce(t *testing.T) {
	x, w := Input("x", 2, 4, 4, 3), Variable(tensor.New(9, 3, 5))
	z := Conv(x, w, nil, tensor.Dense(3, 3))
	packs := map[string]bool{}
	for _, o := range Compile(VJP(z, Sin(z), x, w)...).Ops() {
		pack := o.Name == "product.pack" || o.Name == "product.packT"
		if pack != o.Prologue {
			t.Errorf("%s: in the prologue is %v", o.Name, o.Prologue)
		}
		packs[o.Name] = packs[o.Name] || pack
	}
	if !packs["product.pack"] || !packs["product.packT"] {
		t.Errorf("operations that pack: %v", packs)
	}
}

// A weight that changes is seen after Prepare.
func TestPrepareFollowsTheWeights(t *testing.T) {
	x, w := Input("x", 1, 1, 1, 1), tensor.From([]float32{2}, 1, 1, 1)
	z := Conv(x, Variable(w), nil, tensor.Dense(1, 1))
	ws := Compile(z).NewWorkspace()
	ws.Input(x)[0] = 3
	for _, v := range []float32{2, 5} {
		w.Data()[0] = v
		ws.Prepare()
		ws.Run()
		if got := ws.Output(z)[0]; got != 3*v {
			t.Errorf("3·%v = %v", v, got)
		}
	}
}

// A tied kernel costs one multiply-add an orbit, not one a tap.
func TestConvTellsItsCost(t *testing.T) {
	x := Input("x", 2, 8, 8, 3)
	for _, c := range []struct {
		k    tensor.Kernel
		want int64
	}{{tensor.Dense(3, 3), 2 * 9 * 128 * 3 * 5}, {tied3x3, 2 * 3 * 128 * 3 * 5}} {
		z := Conv(x, Zeros(len(c.k), 3, 5), nil, c.k)
		if z.op.flops != c.want {
			t.Errorf("%d orbits: %d operations, want %d", len(c.k), z.op.flops, c.want)
		}
	}
}

func TestConvErrors(t *testing.T) {
	x, k := Input("x", 2, 4, 4, 3), tensor.Dense(3, 3)
	for _, c := range []struct {
		x, w, bias *Node
		want       string
	}{
		{Input("y", 4, 4, 3), Zeros(9, 3, 5), nil, "4×4×3 and 9×3×5: the shapes must be (N, H, W, Cin) and (9, Cin, Cout)"},
		{x, Zeros(3, 5), nil, "2×4×4×3 and 3×5: the shapes must be (N, H, W, Cin) and (9, Cin, Cout)"},
		{x, Zeros(3, 3, 5), nil, "2×4×4×3 and 3×3×5: the shapes must be (N, H, W, Cin) and (9, Cin, Cout)"},
		{x, Zeros(9, 4, 5), nil, "2×4×4×3 and 9×4×5: the shapes must be (N, H, W, Cin) and (9, Cin, Cout)"},
		{x, Zeros(9, 3, 5), Zeros(3), "2×4×4×3 and 9×3×5 and 3: the bias must have 5 elements"},
		{x, Zeros(9, 3, 5), Zeros(1, 5), "2×4×4×3 and 9×3×5 and 1×5: the bias must have 5 elements"},
	} {
		wantShapeError(t, func() { Conv(c.x, c.w, c.bias, k) }, "autodiff: conv of "+c.want)
	}
}

func TestConvOfABadKernel(t *testing.T) {
	defer func() {
		err, _ := recover().(error)
		var bad *tensor.ConvError
		if !errors.As(err, &bad) {
			t.Errorf("an orbit of three taps: panic with %v, want a *tensor.ConvError", err)
		}
	}()
	Conv(Input("x", 1, 4, 4, 3), Zeros(1, 3, 5), nil, tensor.Kernel{{{0, 0}, {0, 1}, {1, 0}}})
}
