package autodiff

import (
	"errors"
	"math"
	"slices"
	"testing"

	"spdiff/tensor"
)

// value evaluates a node without inputs.
func value(n *Node) []float32 {
	w := Compile(n).NewWorkspace()
	w.Prepare()
	w.Run()
	return slices.Clone(w.Output(n))
}

func scalarVariable(a float32) *Node {
	t := tensor.New()
	t.Data()[0] = a
	return Variable(t)
}

func TestGradOfSharedNodes(t *testing.T) {
	x, y := scalarVariable(3), scalarVariable(5)
	product := Mul(x, y)
	for _, c := range []struct {
		name string
		y    *Node
		by   *Node
		want float32
	}{
		{"x² by x", Mul(x, x), x, 6},
		{"x·y by x", product, x, 5},
		{"xy + x + xy by x", Add(Add(product, x), product), x, 11},
		{"(xy)² by xy, a node inside", Mul(product, product), product, 30},
		{"x by itself", x, x, 1},
		{"x by y, independent", x, y, 0},
		{"x² by xy, a node made of x", Mul(x, x), product, 0},
	} {
		if got := value(Grad(c.y, c.by)[0])[0]; got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// Both gradients count the way through the other: ∂/∂x is total.
func TestGradByDependentNodes(t *testing.T) {
	x := scalarVariable(3)
	sq := Square(x)
	g := Grad(Mul(sq, x), x, sq) // x³
	if dx, dsq := value(g[0])[0], value(g[1])[0]; dx != 27 || dsq != 3 {
		t.Errorf("gradients of x²·x by x and by x²: %v and %v, want 27 and 3", dx, dsq)
	}
}

func TestZeroGradientHasShape(t *testing.T) {
	x, w := Input("x"), Input("w", 2, 3)
	g := Grad(x, w)[0]
	if !slices.Equal(g.Shape(), w.Shape()) || slices.Max(value(g)) != 0 || slices.Min(value(g)) != 0 {
		t.Errorf("gradient by an independent node: shape %v, value %v", g.Shape(), value(g))
	}
}

func TestVJP(t *testing.T) {
	x := Variable(tensor.From([]float32{1, 2, 3}, 3))
	dy := Constant(tensor.From([]float32{10, 100, 1000}, 3))
	if got := value(VJP(Square(x), dy, x)[0]); !slices.Equal(got, []float32{20, 400, 6000}) {
		t.Errorf("dy·2x = %v", got)
	}
}

// The nth derivative of x·eˣ is (x + n)·eˣ.
func TestHigherDerivatives(t *testing.T) {
	x := scalarVariable(0.5)
	y := Mul(x, Exp(x))
	for n := range 6 {
		want := (0.5 + float64(n)) * math.Exp(0.5)
		if got := float64(value(y)[0]); math.Abs(got-want) > 1e-5*want {
			t.Errorf("derivative %d: %v, want %v", n, got, want)
		}
		y = Grad(y, x)[0]
	}
}

// expandOnly is x·y·y, whose only derivative is that of its expansion.
func expandOnly(x, y *Node) *Node {
	o := binary("test", x, y, func(z, x, y []float32) {
		for i := range z {
			z[i] = x[i] * y[i] * y[i]
		}
	})
	o.expand = func(a []*Node) *Node { return Mul(a[0], Square(a[1])) }
	return apply(o, x, y)
}

// An expansion is differentiated by its arguments as if they were independent,
// though one may be the other, or be made of it.
func TestExpansion(t *testing.T) {
	x := scalarVariable(3)
	for _, c := range []struct {
		name string
		y    *Node
		want float32
	}{
		{"x·c²", expandOnly(x, scalar(5)), 25},
		{"c·x²", expandOnly(scalar(5), x), 30},
		{"x·x²", expandOnly(x, x), 27},
		{"x²·x²", expandOnly(Square(x), x), 4 * 27},
		{"x·(x²)²", expandOnly(x, Square(x)), 5 * 81},
	} {
		if got := value(Grad(c.y, x)[0])[0]; got != c.want {
			t.Errorf("derivative of %s: %v, want %v", c.name, got, c.want)
		}
	}
}

// An expansion that does not use an argument adds no zeros to its gradient.
func TestExpansionWithoutAnArgument(t *testing.T) {
	x, y := Input("x", 3), Input("y", 3)
	o := binary("test", x, y, func(z, x, _ []float32) { copy(z, x) })
	o.expand = func(a []*Node) *Node { return Scale(a[0], 1) }
	z := Mul(apply(o, x, y), y)
	if got := opNamesOf(Compile(VJP(z, Input("dz", 3), y)...)); !slices.Equal(got, []string{"test", "mul"}) {
		t.Errorf("the gradient by y runs %v", got)
	}
}

// An expansion that only derivatives need must not run in the forward pass.
func TestExpansionIsLazy(t *testing.T) {
	x := Input("x", 4)
	count := func(outputs ...*Node) int { return len(Compile(outputs...).Ops()) }
	if n := count(SiLU(x)); n != 1 {
		t.Errorf("SiLU is %d operations, want 1", n)
	}
	dy := Input("dy", 4)
	if n := count(VJP(SiLU(x), dy, x)[0]); n != 1 {
		t.Errorf("the gradient of SiLU is %d operations, want 1", n)
	}
}

func TestNoGradient(t *testing.T) {
	x := Input("x")
	y := apply(unary("test", x, func(z, x []float32) { copy(z, x) }), x).Named("layer 3")
	defer func() {
		err, _ := recover().(error)
		var none *NoGradientError
		if !errors.As(err, &none) || none.Op != "test" || none.Label != "layer 3" {
			t.Errorf("panic with %v, want a NoGradientError of test, layer 3", err)
		}
	}()
	Grad(y, x)
}

func TestGradientOfWrongShape(t *testing.T) {
	x := Input("x", 2)
	o := unary("test", x, func(z, x []float32) { copy(z, x) })
	o.grad = func(_, dz *Node) []*Node { return []*Node{Sum(dz)} }
	y := Sum(apply(o, x))
	wantShapeError(t, func() { Grad(y, x) }, "autodiff: gradient of test of 2 and scalar: an argument and its gradient differ in shape")
}
