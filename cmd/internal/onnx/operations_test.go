package onnx

import (
	"bytes"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"spdiff/autodiff"
	"spdiff/cmd/internal/onnx/onnxtest"
	"spdiff/tensor"
)

// weights are those of every: the same variable for any number of images.
var weights = func() *tensor.Tensor {
	w := tensor.New(6, 2, 5)
	tensor.NewStream(1, 0).Normal(w.Data(), 0)
	return w
}()

// every is a graph of images x (n, 4, 6, 2) that has all simple operations.
func every(n int) (inputs []*autodiff.Node, z *autodiff.Node) {
	x := autodiff.Input("x", n, 4, 6, 2)
	s := x.Shape()
	k := tensor.Kernel{{{0, 0}}, {{-1, 0}, {1, 0}}, {{0, -1}, {0, 1}}, {{0, -2}}, {{0, 2}}, {{1, 1}}} // 3×5 taps, some tied, some not there
	y := autodiff.Conv(x, autodiff.Variable(weights).Named("kernel"), autodiff.Fill(0.5, 5), k).Named("layer")
	y = autodiff.LeakyReLU(autodiff.Shift(autodiff.Scale(y, 0.7), -0.1), 0.2)
	y = autodiff.Concat(y, autodiff.Clamp(autodiff.Slice(y, 1, 3), -0.5, 0.4))
	y = autodiff.Reshape(y, n, 24, 7)
	y = autodiff.Gather(y, []int32{3, 0, 23, 3, 7})
	y = autodiff.BatchMatMul(autodiff.Softmax(autodiff.BatchMatMul(y, autodiff.Transpose(y))), y)
	y = autodiff.Add(autodiff.Sin(y), autodiff.Mul(autodiff.Cos(y), autodiff.Tanh(y)))
	y = autodiff.Sub(y, autodiff.Div(autodiff.Sigmoid(y), autodiff.Exp(autodiff.Sign(y))))
	y = autodiff.Log(autodiff.Sqrt(autodiff.Shift(autodiff.Abs(y), 0.5))) // no root near 0, where it is steep
	mean := autodiff.Scale(autodiff.SumTo(y, n, 1, 7), 1/float32(5))
	y = autodiff.Concat(y, autodiff.Expand(mean, n, 5, 7)) // a result that stands for itself
	y = autodiff.Mul(y, autodiff.Expand(autodiff.Reshape(autodiff.SumTo(x, n, 1, 1, 1), n, 1, 1), y.Shape()...))
	flat := autodiff.Reshape(autodiff.SumTo(autodiff.Reshape(x, 1, s[0], 48), n, 48), n, 48) // an axis less
	return []*autodiff.Node{x}, autodiff.Concat(autodiff.Reshape(y, n, 70), flat)
}

// file writes a graph of an input x.
func file(t *testing.T, build func(n int) ([]*autodiff.Node, *autodiff.Node), dims ...int) string {
	t.Helper()
	g := New()
	z, err := g.Apply(build, g.Input("x", Float, append([]int{Batch}, dims...)...))
	if err != nil {
		t.Fatal(err)
	}
	g.Output("z", z, Float, Batch, 118)
	var b bytes.Buffer
	if err := g.Write(&b, "test", "1", []Property{{"key", "value"}}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "every.onnx")
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// There is a translation for each simple operation, and for no other; and the graph of these tests has them all.
func TestOperationsAreTheSimpleOnes(t *testing.T) {
	want := slices.Sorted(slices.Values(autodiff.SimpleOps()))
	got := slices.Concat([]string{"expand"}, slices.Collect(maps.Keys(elementwise)), slices.Collect(maps.Keys(operations)))
	if slices.Sort(got); !slices.Equal(got, want) {
		t.Errorf("translated: %v\nsimple: %v", got, want)
	}
	_, z := every(2)
	seen := map[string]bool{}
	var visit func(n *autodiff.Node)
	visit = func(n *autodiff.Node) {
		seen[n.Op()] = true
		for _, a := range n.Args() {
			visit(a)
		}
	}
	visit(autodiff.Simplify(z)[0])
	for _, op := range want {
		if !seen[op] {
			t.Errorf("%s is not in the graph of the tests", op)
		}
	}
}

// Every operation computes in ONNX Runtime what it does here, whatever the number of images.
func TestOperationsInRuntime(t *testing.T) {
	r := onnxtest.New(t)
	path := file(t, every, 4, 6, 2)
	for _, n := range []int{1, 2, 3, 7} {
		inputs, z := every(n)
		w := autodiff.Compile(z).NewWorkspace()
		w.Prepare()
		x := w.Input(inputs[0])
		tensor.NewStream(uint64(n), 1).Normal(x, 0)
		w.Run()
		got, _, err := r.Run(path, map[string]onnxtest.Tensor{"x": {Data: x, Dims: inputs[0].Shape()}})
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range w.Output(z) {
			if len(got) != z.Shape().Size() || !(math.Abs(float64(got[i]-want)) <= 1e-5*max(1, math.Abs(float64(want)))) {
				t.Fatalf("%d images: number %d is %v, want %v", n, i, got[i], want)
			}
		}
	}
}

// The checker passes them.
func TestOperationsChecked(t *testing.T) {
	onnxtest.Python(t)
	onnxtest.Check(t, file(t, every, 4, 6, 2))
}
