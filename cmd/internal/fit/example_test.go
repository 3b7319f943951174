package fit_test

import (
	"fmt"

	"spdiff/cmd/internal/fit"
)

func Example() {
	h, w := fit.Size(5, 20, 8, 8) // an image of 5×20 pixels, for a network of 8×8
	fmt.Printf("%d×%d\n", h, w)
	fmt.Println(fit.Parts(3, 1), "grey images for one of colours")
	// Output:
	// 9×20
	// 3 grey images for one of colours
}
