package inception

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"

	"spdiff/nn/features"
	"spdiff/tensor"
	"spdiff/tensor/atomicfile"
	"spdiff/tensor/safetensors"
	"spdiff/tensor/torchfile"
)

// Dim is the number of features.
const Dim = 2048

// batch is how many images run at a time.
const batch = 8

// A Network is Inception v3 with weights. It is safe for concurrent use; callers take turns, batch by batch.
type Network struct {
	name    string
	program *features.Program
	floats  bool
}

var _ features.Extractor = (*Network)(nil)

// New returns the network with the weights in f, which has the tensors that Parameters lists: those of fc and AuxLogits are ignored,
// any other is an error. The label says which weights these are; it ends the network's name.
func New(f *safetensors.File, label string) (*Network, error) { return newNetwork(f, label, batch) }

func newNetwork(f *safetensors.File, label string, batch int) (*Network, error) {
	weights, err := fold(f)
	if err != nil {
		return nil, err
	}
	return &Network{name: "inception-v3/" + label, program: features.NewProgram(graph(weights, batch))}, nil
}

// Load reads weights from a file of PyTorch's torch.save or a safetensors file, by the names and shapes of [Parameters]. The label in
// the network's name is the start of the file's SHA-256, eight hexadecimal digits, so that the published weights for FID give
// themselves away.
func Load(path string) (*Network, error) {
	f, label, err := read(path)
	if err != nil {
		return nil, err
	}
	n, err := New(f, label)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return n, nil
}

// read returns a file's tensors and label.
func read(path string) (f *safetensors.File, label string, err error) {
	r, size, err := atomicfile.Open(path)
	if err != nil {
		return nil, "", err
	}
	defer r.Close()
	decode, start := safetensors.Decode, make([]byte, 16)
	if _, err := r.ReadAt(start, 0); err == nil && torchfile.Is(start) {
		decode = torchfile.Decode
	}
	if f, err = decode(r, size); err != nil {
		return nil, "", fmt.Errorf("%s: %w", path, err)
	}
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(r, 0, size)); err != nil {
		return nil, "", err
	}
	return f, fmt.Sprintf("%x", h.Sum(nil)[:4]), nil
}

// Unrounded returns the network, the same weights and memory, for images that are not rounded to bytes first.
func (n *Network) Unrounded() *Network {
	m := *n
	m.floats = true
	return &m
}

// Name is "inception-v3/LABEL", and ends in "/unrounded" if images are not rounded to bytes.
func (n *Network) Name() string {
	if n.floats {
		return n.name + "/unrounded"
	}
	return n.name
}

// Dim returns 2048.
func (n *Network) Dim() int { return Dim }

// Of returns the features (N, 2048) of images (N, H, W, C) of one channel or three, of any size, in [−1, 1]. They are clamped to that,
// rounded to bytes (see the package's documentation) unless the network is Unrounded, and brought to 299×299 pixels. See
// [features.Extractor] for contract and errors.
func (n *Network) Of(ctx context.Context, images *tensor.Tensor) (*tensor.Tensor, error) {
	s := images.Shape()
	if len(s) != 4 || s[3] != 1 && s[3] != 3 || min(s[1], s[2]) < 1 {
		panic(&features.ImagesError{Network: n.Name(), Shape: s, Want: "(N, H, W, 1) or (N, H, W, 3)"})
	}
	if err := features.CheckFinite(images); err != nil {
		return nil, err
	}
	r := newResizer(s[1], s[2], s[3], !n.floats)
	return n.program.Of(ctx, s[0], func(x []float32, i int) { r.image(x, images.At(i).Data()) })
}
