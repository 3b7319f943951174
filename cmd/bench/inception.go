package main

import (
	"context"

	"spdiff/nn/inception"
	"spdiff/tensor"
	"spdiff/tensor/safetensors"
)

// inceptionCase is the feature network of FID, of images of the network's own size. The weights are made up, and take the
// time that others take.
func inceptionCase() benchCase {
	const batch = 8
	return benchCase{name: "inception", batch: batch, work: 2e-9 * inception.MultiplyAdds * batch, setup: func() func() {
		var f safetensors.File
		for _, p := range inception.Parameters() {
			t := tensor.New(p.Shape...)
			for i := range t.Data() {
				t.Data()[i] = 1 / float32(p.Shape.Size())
			}
			f.Tensors = append(f.Tensors, safetensors.Tensor{Name: p.Name, Value: t})
		}
		net, err := inception.New(&f, "bench")
		if err != nil {
			panic(err)
		}
		x := tensor.From(ramp(batch*299*299*3), batch, 299, 299, 3)
		return func() {
			if _, err := net.Of(context.Background(), x); err != nil {
				panic(err)
			}
		}
	}}
}
