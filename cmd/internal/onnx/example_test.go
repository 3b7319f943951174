package onnx_test

import (
	"bytes"
	"fmt"

	"spdiff/autodiff"
	"spdiff/cmd/internal/onnx"
)

// A graph for any number of rows.
func ExampleGraph_Apply() {
	g := onnx.New()
	x := g.Input("x", onnx.Float, onnx.Batch, 3)
	z, err := g.Apply(func(n int) ([]*autodiff.Node, *autodiff.Node) {
		x := autodiff.Input("x", n, 3)
		return []*autodiff.Node{x}, autodiff.Softmax(autodiff.Scale(x, 2))
	}, x)
	if err != nil {
		fmt.Println(err)
		return
	}
	g.Output("z", z, onnx.Float, onnx.Batch, 3)
	var file bytes.Buffer
	if err := g.Write(&file, "example", "1", nil); err != nil {
		fmt.Println(err)
	}
	fmt.Println(z, file.Len(), "bytes")
	// Output: Softmax 216 bytes
}
