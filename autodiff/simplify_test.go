package autodiff

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"spdiff/tensor"
)

func init() {
	rows := []int32{2, 0, 2, 1}
	addCases(opCase{
		name: "gather", args: []arg{{shape: tensor.Shape{2, 3, 2}}},
		build: func(x []*Node) *Node { return Gather(x[0], rows) },
		want: func(x [][]float64) (z []float64) {
			for b := range 2 {
				for _, r := range rows {
					at := (b*3 + int(r)) * 2
					z = append(z, x[0][at:at+2]...)
				}
			}
			return z
		},
	}, opCase{
		name: "conv", args: []arg{{shape: tensor.Shape{2, 3, 4, 2}}, {shape: tensor.Shape{9, 2, 3}}}, tol: 5e-6,
		build: func(x []*Node) *Node { return denseConv(x[0], x[1], 3, 3) },
		want: func(x [][]float64) []float64 {
			z := make([]float64, 2*3*4*3)
			for n := range 2 {
				for p := range 12 {
					for t := range 9 {
						y, xx := p/4+t/3-1, p%4+t%3-1
						if y < 0 || y > 2 || xx < 0 || xx > 3 {
							continue
						}
						for i := range 2 {
							for o := range 3 {
								z[(n*12+p)*3+o] += x[0][((n*3+y)*4+xx)*2+i] * x[1][(t*2+i)*3+o]
							}
						}
					}
				}
			}
			return z
		},
	})
}

// operationsOf returns the names of all that outputs are computed by.
func operationsOf(outputs []*Node) map[string]bool {
	names := map[string]bool{}
	for _, n := range reachable(outputs) {
		if n.kind == operation {
			names[n.Op()] = true
		}
	}
	return names
}

// Every operation of the table says the same in simple ones: its value, its gradients and second derivatives.
func TestSimplify(t *testing.T) {
	for _, c := range opCases {
		t.Run(c.name, func(t *testing.T) {
			o := newOpTest(t, c)
			outputs := slices.Concat([]*Node{o.z}, o.grads, o.second)
			if strings.HasPrefix(c.name, "dropout") {
				defer func() {
					var e *NoExpansionError
					if err, _ := recover().(error); !errors.As(err, &e) || !strings.HasPrefix(e.Op, "dropout") {
						t.Errorf("a random mask was simplified: %v", err)
					}
				}()
			}
			simplified := Simplify(outputs...)
			for name := range operationsOf(simplified) {
				if !slices.Contains(SimpleOps(), name) {
					t.Errorf("%s is left", name)
				}
			}
			want := toFloat64(o.evaluate(compile(outputs, planner{reuse: true})))
			for i, got := range o.evaluate(compile(simplified, planner{reuse: true})) {
				compareTo(t, "simplified output", got, want[i], max(1e-5, 5*o.tol))
			}
		})
	}
}

// Simple operations are those that state nothing simpler, and the table has all of them.
func TestSimpleOps(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range opCases {
		o := newOpTest(t, c)
		for _, n := range reachable(slices.Concat([]*Node{o.z}, o.grads, o.second)) {
			if n.kind == operation {
				seen[n.Op()] = true
				if simple := slices.Contains(SimpleOps(), n.Op()); simple && n.op.expand != nil {
					t.Errorf("%s is simple, and yet there is something simpler", n.Op())
				}
			}
		}
	}
	for _, name := range SimpleOps() {
		if !seen[name] {
			t.Errorf("%s is in the list of simple operations, but in no graph", name)
		}
	}
}

// A graph can be read from outside: names, arguments, attributes, values, labels.
func TestReadGraph(t *testing.T) {
	w := tensor.From([]float32{1, 2}, 2)
	x, v := Input("x", 2), Variable(w)
	y := Scale(Mul(x, v), 3).Named("y")
	if y.Op() != "scale" || !maps.Equal(y.Attributes(), map[string]any{"factor": float32(3)}) || y.Label() != "y" {
		t.Errorf("%s %v %q", y.Op(), y.Attributes(), y.Label())
	}
	product := y.Args()[0]
	if product.Op() != "mul" || !slices.Equal(product.Args(), []*Node{x, v}) || product.Attributes() != nil {
		t.Errorf("%s %v", product.Op(), product.Args())
	}
	if x.Op() != "input" || v.Op() != "variable" || v.Value() != w || x.Value() != nil || Constant(w).Op() != "constant" {
		t.Error("sources are not what they are")
	}
	if z := Simplify(y); z[0] != y {
		t.Error("a simple graph is made anew")
	}
	z := Simplify(SiLU(y).Named("z"))[0]
	if z.Label() != "z" || z.Op() != "mul" || z.Args()[0] != y {
		t.Errorf("%s %q", z.Op(), z.Label())
	}
}
