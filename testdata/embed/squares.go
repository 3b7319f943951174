package embed

import (
	"context"

	"spdiff"
	"spdiff/group"
	"spdiff/nn"
)

// Squares is a source: bright squares on dark ground, at every place of an 8×8 image; the class is the side, less two.
type Squares struct{}

const side = 8

// Len implements spdiff.Source.
func (Squares) Len() int { return 2 * side * side }

// Shape implements spdiff.Source.
func (Squares) Shape() (h, w, c int) { return side, side, 1 }

// Image implements spdiff.Source.
func (Squares) Image(dst []float32, i int) (class int, err error) {
	class, y, x := i%2, i/2/side, i/2%side
	for p := range dst {
		dst[p] = -1
		if dy, dx := p/side-y, p%side-x; dy >= 0 && dy < class+2 && dx >= 0 && dx < class+2 {
			dst[p] = 1
		}
	}
	return class, nil
}

// Config returns the settings of a network that trains in a second.
func Config() spdiff.Config {
	return spdiff.Config{
		Group: group.D4, Method: spdiff.WT, Batch: 4, Steps: 20, Seed: 1,
		Network: nn.UNetConfig{ImageHeight: side, ImageWidth: side, In: 1, Out: 1, Width: 8, Mult: []int{1, 2}, Blocks: 1,
			Head: 8, Groups: 4, Kernel: 3, Classes: 2},
		Optimiser: nn.OptimiserConfig{Rule: nn.RAdam(), Clip: 1, Averages: []nn.Average{{Rate: 0.99, Ramp: true}}},
		Rate:      nn.LearningRate{Rate: 1e-3},
	}.Normalise()
}

// Train trains a model on squares into a file, and tells of each step.
func Train(ctx context.Context, path string, each func(step int, loss float64)) error {
	model, err := spdiff.Train(ctx, Config(), Squares{}, func(_ *spdiff.Trainer, s spdiff.Step) error {
		each(s.Number, s.Loss)
		return nil
	})
	if err != nil {
		return err
	}
	return model.Save(path)
}
