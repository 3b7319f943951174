package hdf5_test

import (
	"fmt"

	"spdiff/cmd/internal/hdf5"
)

// The images of a file are read one by one.
func Example() {
	f, err := hdf5.Open("testdata/lysto.h5")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer f.Close()
	x, err := f.Dataset("x")
	if err != nil {
		fmt.Println(err)
		return
	}
	image := make([]byte, x.RowBytes())
	if err := x.ReadAt(image, 5); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(x.Shape, x.Type, image[:3])
	// Output: [6 20 20 3] uint8 [148 45 193]
}
