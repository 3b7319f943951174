package fd

import (
	"bytes"
	"crypto/sha256"
	"fmt"

	"spdiff/nn"
	"spdiff/tensor/safetensors"
)

// weights returns the parameters as a file has them: each as it is trained, a tied weight once.
func weights(params []*nn.Param) *safetensors.File {
	f := &safetensors.File{}
	for _, p := range params {
		f.Tensors = append(f.Tensors, safetensors.Tensor{Name: p.Name, Value: p.Value})
	}
	return f
}

// setWeights sets the parameters to what is in a file. It must have these and no others.
func setWeights(params []*nn.Param, f *safetensors.File) error {
	if len(f.Tensors) != len(params) {
		return fmt.Errorf("fd: the file has %d tensors; the network has %d parameters", len(f.Tensors), len(params))
	}
	for _, p := range params {
		v := f.Get(p.Name)
		if v == nil {
			return fmt.Errorf("fd: the file has no %s", p.Name)
		}
		if !v.Shape().Equal(p.Value.Shape()) {
			return fmt.Errorf("fd: the file's %s is %v; the network's is %v", p.Name, v.Shape(), p.Value.Shape())
		}
		copy(p.Value.Data(), v.Data())
	}
	return nil
}

// Encode returns the bytes of a file of weights, and their SHA-256.
func Encode(f *safetensors.File) (file []byte, hash [32]byte, err error) {
	var b bytes.Buffer
	if err := safetensors.Encode(&b, f); err != nil {
		return nil, hash, err
	}
	return b.Bytes(), sha256.Sum256(b.Bytes()), nil
}

// read decodes a file's bytes, and returns the label of a network with these weights.
func read(file []byte) (f *safetensors.File, label string, err error) {
	f, err = safetensors.Decode(bytes.NewReader(file), int64(len(file)))
	hash := sha256.Sum256(file)
	return f, fmt.Sprintf("%x", hash[:4]), err
}
