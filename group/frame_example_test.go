package group_test

import (
	"fmt"

	"spdiff/group"
)

// A frame moves with the image; an image with a symmetry has as many frames as elements that keep it.
func ExampleFrame() {
	f, err := group.NewFrame(group.D4, 4, 4, 1)
	if err != nil {
		panic(err)
	}
	x := []float32{
		0, 0, 1, 0,
		0, 0, 1, 0,
		0, 1, 1, 0,
		0, 0, 0, 0,
	}
	kappa, ties := f.Of(x)
	fmt.Println(group.D4.ElementName(kappa), ties)

	turned := make([]float32, 16)
	f.Act(turned, x, 1) // by r: κ* becomes r·sr = s
	kappa, ties = f.Of(turned)
	fmt.Println(group.D4.ElementName(kappa), ties)

	bar := []float32{
		0, 1, 1, 0,
		0, 1, 1, 0,
		0, 1, 1, 0,
		0, 1, 1, 0,
	}
	_, ties = f.Of(bar)
	fmt.Println(ties)
	// Output:
	// sr 1
	// s 1
	// 4
}
