package fd

import (
	_ "embed"
	"sync"

	"spdiff/autodiff"
	"spdiff/nn/features"
)

//go:embed cells.safetensors
var cellWeights []byte

// A CellNetwork is the encoder of the cells' autoencoder: an extractor of 64 features, invariant under D4. It is safe for concurrent use.
// Images are 64×64×3 in [−1, 1], red, green and blue.
type CellNetwork struct{ network }

var _ features.Extractor = (*CellNetwork)(nil)

// Cells returns the network whose weights come with the program. It is the same one each time, 0.3 MB of weights.
var Cells = sync.OnceValue(func() *CellNetwork { return whole(NewCells(cellWeights)) })

// NewCells returns a network with other weights: the bytes of a file that [TrainCells] and [Encode] made. Its error says what of
// them is missing or has another shape.
func NewCells(file []byte) (*CellNetwork, error) {
	n, label, err := readCells(file)
	if err != nil {
		return nil, err
	}
	x := cellImages()
	return &CellNetwork{newNetwork("cells", label, cellsWanted, cellDim, x, n.features(x))}, nil
}

// readCells returns the layers with the weights of a file, and the label of these.
func readCells(file []byte) (*cellNet, string, error) {
	f, label, err := read(file)
	if err != nil {
		return nil, "", err
	}
	n := newCellNet()
	return n, label, setWeights(n.params(), f)
}

// cellsWanted is what images the network takes, and cellImages the input for them.
const cellsWanted = "(N, 64, 64, 3), stained tissue in colour"

func cellImages() *autodiff.Node {
	return autodiff.Input("images", inOneRun, cellSide, cellSide, 3)
}
