package inception_test

import (
	"fmt"

	"spdiff/nn/inception"
)

// What a file of weights must have.
func ExampleParameters() {
	all := inception.Parameters()
	numbers := 0
	for _, p := range all {
		numbers += p.Shape.Size()
	}
	fmt.Println(len(all), "tensors of", numbers, "numbers; the first is", all[0].Name, all[0].Shape)
	// Output: 470 tensors of 21820000 numbers; the first is Conv2d_1a_3x3.conv.weight 32×3×3×3
}

// The features of images in [−1, 1].
func ExampleLoad() {
	net, err := inception.Load("pt_inception-2015-12-05-6726825d.pth")
	if err != nil {
		fmt.Println("no weights here")
		return
	}
	fmt.Println(net.Name(), net.Dim())
	// Output: no weights here
}
