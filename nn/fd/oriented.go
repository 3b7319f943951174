package fd

import (
	"sync"

	"spdiff/autodiff"
	"spdiff/nn/features"
)

// An Oriented is the digits' or the cells' network before the mean over its group G: a plane of 64 features for each element, that of
// group.Group.Halves()[k] at 64k. A moved image has the same planes, each in another place, to the last bit:
//
//	f(a·x)[ag] = f(x)[g]   for all a and g of G
//
// and the mean over the planes is what [Digits] or [Cells] gives, but for rounding. So a set of images that all lie one way is far from
// the same set turned, which that mean cannot tell: this is for Inv-FID. A number beyond ±127, which no moments hold, is cut off there.
// An Oriented is safe for concurrent use. It takes the images that the network with the mean takes.
type Oriented struct{ network }

var _ features.Extractor = (*Oriented)(nil)

// OrientedDigits returns the digits' network that comes with the program, as an extractor of 4·64 features. It is the same one each time.
var OrientedDigits = sync.OnceValue(func() *Oriented { return whole(NewOrientedDigits(digitWeights)) })

// OrientedCells returns the cells' network that comes with the program, as an extractor of 8·64 features. It is the same one each time.
var OrientedCells = sync.OnceValue(func() *Oriented { return whole(NewOrientedCells(cellWeights)) })

// NewOrientedDigits returns a network with other weights. File and error are as those of [NewDigits].
func NewOrientedDigits(file []byte) (*Oriented, error) {
	d, label, err := readDigits(file)
	if err != nil {
		return nil, err
	}
	x := digitImages()
	return newOriented("digits", label, digitsWanted, x, d.planes(x)), nil
}

// NewOrientedCells returns a network with other weights. File and error are as those of [NewCells].
func NewOrientedCells(file []byte) (*Oriented, error) {
	n, label, err := readCells(file)
	if err != nil {
		return nil, err
	}
	x := cellImages()
	return newOriented("cells", label, cellsWanted, x, n.planes(x)), nil
}

// most is the largest magnitude of a feature that is compared.
const most = 127

// newOriented returns the network whose features are all planes of images x.
func newOriented(kind, label, want string, x, planes *autodiff.Node) *Oriented {
	n := x.Shape()[0]
	dim := planes.Shape().Size() / n
	all := autodiff.Clamp(autodiff.Reshape(planes, n, dim), -most, most)
	return &Oriented{newNetwork(kind+"-oriented", label, want, dim, x, all)}
}
