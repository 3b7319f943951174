package autodiff_test

import (
	"fmt"

	"spdiff/autodiff"
	"spdiff/tensor"
)

// Fit w in y = w·x by gradient descent.
func Example() {
	weight := tensor.New(1)
	x, y := autodiff.Input("x", 4), autodiff.Input("y", 4)
	w := autodiff.Variable(weight)
	loss := autodiff.MSE(autodiff.Mul(autodiff.Expand(w, 4), x), y)
	dw := autodiff.Grad(loss, w)[0]

	ws := autodiff.Compile(loss, dw).NewWorkspace()
	copy(ws.Input(x), []float32{-1, 0, 1, 2})
	copy(ws.Input(y), []float32{-3, 0, 3, 6})
	for range 20 {
		ws.Prepare()
		ws.Run()
		weight.Data()[0] -= 0.25 * ws.Output(dw)[0]
	}
	fmt.Printf("w = %.3f, loss %.3f\n", weight.Data()[0], ws.Output(loss)[0])
	// Output: w = 3.000, loss 0.000
}

// A gradient is a node like any other and can be differentiated again.
func ExampleGrad() {
	x := autodiff.Input("x")
	y := autodiff.Mul(autodiff.Square(x), x)
	dy := autodiff.Grad(y, x)[0]
	ddy := autodiff.Grad(dy, x)[0]

	ws := autodiff.Compile(y, dy, ddy).NewWorkspace()
	ws.Input(x)[0] = 2
	ws.Prepare()
	ws.Run()
	fmt.Println(ws.Output(y)[0], ws.Output(dy)[0], ws.Output(ddy)[0])
	// Output: 8 12 12
}

// A graph made simple, to be read: SiLU is a product with a sigmoid.
func ExampleSimplify() {
	x := autodiff.Input("x", 4)
	y := autodiff.Simplify(autodiff.SiLU(autodiff.Scale(x, 2)))[0]
	for _, n := range append(y.Args(), y) {
		fmt.Println(n.Op(), n.Shape(), n.Attributes())
	}
	// Output:
	// scale 4 map[factor:2]
	// sigmoid 4 map[]
	// mul 4 map[]
}
