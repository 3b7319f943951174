package fd

import (
	"context"
	_ "embed"
	"sync"

	"spdiff/autodiff"
	"spdiff/group"
	"spdiff/nn/features"
	"spdiff/tensor"
)

//go:embed digits.safetensors
var digitWeights []byte

// A DigitNetwork is the digits' network: an extractor of 64 features, invariant under C4, and a classifier. It is safe for concurrent
// use. Images are 28×28×1 in [−1, 1], the paper −1 and the ink 1, as MNIST's.
type DigitNetwork struct{ network }

var _ features.Extractor = (*DigitNetwork)(nil)

// Digits returns the network whose weights come with the program. It is the same one each time, 0.3 MB of weights.
var Digits = sync.OnceValue(func() *DigitNetwork { return whole(NewDigits(digitWeights)) })

// NewDigits returns a network with other weights: the bytes of a file that [TrainDigits] and [Encode] made. Its error says what of
// them is missing or has another shape.
func NewDigits(file []byte) (*DigitNetwork, error) {
	d, label, err := readDigits(file)
	if err != nil {
		return nil, err
	}
	x := digitImages()
	z, class, turned := d.apply(x)
	all := autodiff.Concat(z, class, turned)
	return &DigitNetwork{newNetwork("digits", label, digitsWanted, digitDim, x, all)}, nil
}

// readDigits returns the layers with the weights of a file, and the label of these.
func readDigits(file []byte) (*digitNet, string, error) {
	f, label, err := read(file)
	if err != nil {
		return nil, "", err
	}
	d := newDigitNet()
	return d, label, setWeights(d.params(), f)
}

// digitsWanted is what images the network takes, and digitImages the input for them.
const digitsWanted = "(N, 28, 28, 1), grey digits"

func digitImages() *autodiff.Node {
	return autodiff.Input("images", inOneRun, digitSide, digitSide, 1)
}

// Classify returns the digit of each image, 0 to 9, whichever way it is turned: the class of the largest logit. Panics and errors are
// those of Of.
func (n *DigitNetwork) Classify(ctx context.Context, images *tensor.Tensor) ([]int, error) {
	all, err := n.all(ctx, images)
	if err != nil {
		return nil, err
	}
	return n.each(all, func(logits []float32) int { return largest(logits[:digitClasses]) }), nil
}

// Orientation returns by which element of C4 each image is turned from MNIST's upright: that of the most probable pair of a class and
// an element. What it returns for g·x is g times what it returns for x, to the bit, unless two are equally probable. A 0, 1 or 8 may
// be as upright the other way round, a 6 turned by 180° is a 9: so this is for proportions, and no measure of a single image. Panics
// and errors are those of Of.
func (n *DigitNetwork) Orientation(ctx context.Context, images *tensor.Tensor) ([]int, error) {
	all, err := n.all(ctx, images)
	if err != nil {
		return nil, err
	}
	elements := group.C4.Halves()
	return n.each(all, func(logits []float32) int { return elements[largest(logits[digitClasses:])/digitClasses] }), nil
}

// each calls f with the logits of each image: 10 of classes, 40 of turns and classes.
func (n *DigitNetwork) each(all *tensor.Tensor, f func(logits []float32) int) []int {
	z := make([]int, all.Shape()[0])
	for i := range z {
		z[i] = f(all.At(i).Data()[digitDim:])
	}
	return z
}
