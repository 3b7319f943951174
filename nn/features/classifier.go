package features

import (
	"context"

	"spdiff/tensor"
)

// A Classifier is a feature network that also says of what classes images are, numbered from 0. Panics and errors are those of
// [Extractor]'s Of.
type Classifier interface {
	Classify(ctx context.Context, images *tensor.Tensor) ([]int, error)
}

// An Orienter is one that also says how images are turned: which elements of a group, by their numbers.
type Orienter interface {
	Orientation(ctx context.Context, images *tensor.Tensor) ([]int, error)
}
