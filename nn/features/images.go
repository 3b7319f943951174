package features

import (
	"fmt"
	"math"

	"spdiff/tensor"
)

// An ImagesError says that images are of a shape that a network cannot take. Extractors panic with it.
type ImagesError struct {
	Network string
	Shape   tensor.Shape
	Want    string // what would do
}

// Error names the network, the shape, and what it should be.
func (e *ImagesError) Error() string {
	return fmt.Sprintf("features: %s: images of shape %v; it takes %s", e.Network, e.Shape, e.Want)
}

// CheckFinite returns an error that names the first image (N, …) with a NaN or an infinity, and where.
func CheckFinite(images *tensor.Tensor) error {
	x := images.Data()
	for i, v := range x {
		if math.Float32bits(v)>>23&0xff == 0xff {
			n := len(x) / images.Shape()[0]
			return fmt.Errorf("features: image %d: number %d is %v; it has no features", i/n, i%n, v)
		}
	}
	return nil
}
