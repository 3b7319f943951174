package features

import (
	"context"

	"spdiff/tensor"
)

// An Extractor is a feature network f: images → ℝ^Dim. It is safe for concurrent use.
type Extractor interface {
	// Name tells networks apart, the weights included: distances between features of networks of different names do not compare.
	Name() string

	// Dim is the number of features of an image.
	Dim() int

	// Of returns the features (N, Dim) of images (N, H, W, C), whose numbers are in [−1, 1]. What an image gets depends on the
	// image alone, to the last bit, not on those beside it. It panics with an *ImagesError if the images are of a shape that the
	// network cannot take, and returns an error if a number of theirs is not finite, or as soon as a batch ends after ctx does:
	// that of [tensor.Stopped]. Features that spdiff.Evaluate is to compare are finite and of magnitude 127 at most.
	Of(ctx context.Context, images *tensor.Tensor) (*tensor.Tensor, error)
}
