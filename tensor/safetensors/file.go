package safetensors

import "spdiff/tensor"

// A File is what a safetensors file holds.
type File struct {
	Metadata map[string]string // free text by key, under "__metadata__" in the header
	Tensors  []Tensor          // in the order of their numbers in the file
}

// A Tensor is a named tensor.
type Tensor struct {
	Name  string
	Value *tensor.Tensor
}

// Get returns the tensor of that name, or nil if there is none.
func (f *File) Get(name string) *tensor.Tensor {
	for _, t := range f.Tensors {
		if t.Name == name {
			return t.Value
		}
	}
	return nil
}
