package elementary_test

import (
	"fmt"

	"spdiff/tensor/elementary"
)

// The bits of a coefficient are those of every machine.
func Example() {
	fmt.Printf("%x\n", elementary.PowInt(0.999, 20000))
	fmt.Printf("%x\n", elementary.CosPi(0.3))
	// Output:
	// 0x1.187653b461323p-29
	// 0x1.2cf2304755a5fp-01
}
