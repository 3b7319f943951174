package safetensors_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"spdiff/tensor"
	"spdiff/tensor/safetensors"
)

func Example() {
	dir, _ := os.MkdirTemp("", "")
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "model.safetensors")
	weights := tensor.From([]float32{1, 2, 3, 4, 5, 6}, 2, 3)
	err := safetensors.Write(path, &safetensors.File{
		Metadata: map[string]string{"made by": "an example"},
		Tensors:  []safetensors.Tensor{{Name: "out.weight", Value: weights}},
	})
	if err != nil {
		fmt.Println(err)
	}
	f, err := safetensors.Read(path)
	fmt.Println(f.Metadata["made by"], f.Get("out.weight").Shape(), err)
	// Output: an example 2×3 <nil>
}

// One flipped bit is found.
func ExampleReadSealed() {
	dir, _ := os.MkdirTemp("", "")
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "x.safetensors")
	x := tensor.From([]float32{1, 2, 3}, 3)
	if err := safetensors.WriteSealed(path, &safetensors.File{Tensors: []safetensors.Tensor{{Name: "x", Value: x}}}); err != nil {
		fmt.Println(err)
		return
	}
	_, err := safetensors.ReadSealed(path)
	fmt.Println(err)

	b, _ := os.ReadFile(path)
	b[len(b)-1] ^= 1
	os.WriteFile(path, b, 0o644)
	_, err = safetensors.ReadSealed(path)
	var damage *safetensors.SealError
	fmt.Println(errors.As(err, &damage))
	// Output:
	// <nil>
	// true
}
