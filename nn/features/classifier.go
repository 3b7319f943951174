package features

import (
	"context"

	"spdiff/tensor"
)

// A Classifier is a feature network that also says of what class images are and how they are turned.
type Classifier interface {
	Extractor

	// Classify returns, of each of the images (N, H, W, C), its class and its orientation, numbered from 0. Orientations are
	// elements of a group by their numbers. Panics and errors are those of Of.
	Classify(ctx context.Context, images *tensor.Tensor) (classes, orientations []int, err error)

	// Kinds returns how many classes and how many orientations there are.
	Kinds() (classes, orientations int)
}
