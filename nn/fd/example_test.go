package fd_test

import (
	"context"
	"fmt"
	"slices"

	"spdiff/group"
	"spdiff/nn/fd"
	"spdiff/tensor"
)

// A seven, and the same on its side, are one to the network; it knows which way each is turned.
func Example() {
	seven := tensor.New(1, 28, 28, 1)
	for i := range seven.Data() {
		seven.Data()[i] = -1
	}
	for k := range 18 {
		for w := range 3 {
			if k < 11 {
				seven.Data()[(5+w/2)*28+8+k] = 1 // its bar
			}
			seven.Data()[(5+k)*28+18-k/3+w-1] = 1 // its leg
		}
	}
	turned := tensor.New(1, 28, 28, 1)
	group.C4.Act(turned.Data(), seven.Data(), 1, 1, 28, 28, 1)

	ctx, net := context.Background(), fd.Digits()
	a, _ := net.Of(ctx, seven)
	b, _ := net.Of(ctx, turned)
	fmt.Println("equal bits:", slices.Equal(a.Data(), b.Data()))
	for _, x := range []*tensor.Tensor{seven, turned} {
		class, _ := net.Classify(ctx, x)
		turn, _ := net.Orientation(ctx, x)
		fmt.Println("a", class[0], "turned by", group.C4.ElementName(turn[0]))
	}
	// Output:
	// equal bits: true
	// a 7 turned by e
	// a 7 turned by r
}
