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

// An array that may be larger than memory is read piece by piece.
func ExampleOpen() {
	dir, _ := os.MkdirTemp("", "")
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "rows.npy")
	if err := npy.Write(path, tensor.From([]float32{1, 2, 3, 4, 5, 6}, 3, 2)); err != nil {
		fmt.Println(err)
	}
	f, err := npy.Open(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer f.Close()
	rows := f.Array("")
	row := make([]float32, 2)
	for i := range rows.Shape()[0] {
		err := rows.ReadAt(row, int64(2*i))
		fmt.Println(row, err)
	}
	// Output:
	// [1 2] <nil>
	// [3 4] <nil>
	// [5 6] <nil>
}
