package safetensors_test

import (
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
