package onnx

import (
	"errors"
	"strings"
	"testing"

	"spdiff/autodiff"
	"spdiff/tensor"
)

// What depends on the number of images in a way that one graph cannot is an error that says where.
func TestBatchErrors(t *testing.T) {
	constant := func(v ...float32) *autodiff.Node { return autodiff.Constant(tensor.From(v, len(v))) }
	for name, c := range map[string]struct {
		build func(x *autodiff.Node, n int) *autodiff.Node
		want  string
	}{
		"a mean over images": {func(x *autodiff.Node, n int) *autodiff.Node { return autodiff.Scale(x, 1/float32(n)) }, "attributes differ"},
		"a sum over images":  {func(x *autodiff.Node, n int) *autodiff.Node { return autodiff.SumTo(x, 4) }, "sum over images"},
		"other numbers": {func(x *autodiff.Node, n int) *autodiff.Node {
			return autodiff.Mul(x, autodiff.Expand(constant(float32(n), 1, 1, 1), n, 4))
		}, "numbers differ"},
		"another operation": {func(x *autodiff.Node, n int) *autodiff.Node {
			if n == second {
				return autodiff.Sin(x)
			}
			return autodiff.Cos(x)
		}, "for 2 images it is cos of 2×4, for 3 sin"},
		"one more row": {func(x *autodiff.Node, n int) *autodiff.Node {
			return autodiff.Gather(x, []int32{0, 1, int32(n - 1)})
		}, "attributes differ"},
		"pairs of images": {func(x *autodiff.Node, n int) *autodiff.Node {
			return autodiff.Reshape(autodiff.BatchMatMul(x, autodiff.Transpose(x)), n*n)
		}, "axis 0 has 4 and 9 numbers"},
		"a table of images": {func(x *autodiff.Node, n int) *autodiff.Node {
			return autodiff.Reshape(autodiff.Expand(autodiff.Reshape(x, n, 4, 1), n, 4, n), n, 4*n)
		}, "for each"},
		"a constant for each": {func(x *autodiff.Node, n int) *autodiff.Node {
			return autodiff.Concat(x, autodiff.Fill(1, n, 2))
		}, "for each"},
	} {
		g := New()
		_, err := g.Apply(func(n int) ([]*autodiff.Node, *autodiff.Node) {
			x := autodiff.Input("x", n, 4)
			return []*autodiff.Node{x}, c.build(x, n).Named("here")
		}, g.Input("x", Float, Batch, 4))
		var batch *BatchError
		if !errors.As(err, &batch) || !strings.Contains(err.Error(), c.want) || batch.Label != "here" {
			t.Errorf("%s: %v; want %q", name, err, c.want)
		}
	}
}
