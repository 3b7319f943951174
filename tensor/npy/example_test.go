package npy_test

import (
	"fmt"
	"os"
	"path/filepath"

	"spdiff/tensor"
	"spdiff/tensor/npy"
)

func Example() {
	dir, _ := os.MkdirTemp("", "")
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "samples.npz")
	images := tensor.New(2, 28, 28, 1)
	if err := npy.WriteArchive(path, map[string]*tensor.Tensor{"images": images}); err != nil {
		fmt.Println(err)
	}
	arrays, err := npy.ReadArchive(path)
	fmt.Println(arrays["images"].Shape(), err)
	// Output: 2×28×28×1 <nil>
}
