package spdiff

import (
	"errors"
	"fmt"
	"sync"

	"spdiff/autodiff"
	"spdiff/nn"
	"spdiff/tensor/safetensors"
)

// A Model is a trained denoiser. It does not change, and any number of goroutines may use it at once.
type Model struct {
	config  Config
	network *nn.UNet

	mu       sync.Mutex
	programs map[int]*program // by the size of the batch
}

func newModel(c Config, network *nn.UNet) *Model {
	return &Model{config: c, network: network, programs: map[int]*program{}}
}

// configKey is where a file's metadata has the configuration.
const configKey = "config"

// Load reads a model from a file that Save, or a training command, wrote: safetensors with PyTorch's names and layouts, and
// the configuration as JSON in the metadata. It returns an error that names the file and what is wrong with it; a tied
// network whose kernels in the file are not tied is refused with an *nn.TieError.
func Load(path string) (*Model, error) {
	f, err := safetensors.Read(path)
	if err != nil {
		return nil, fmt.Errorf("model: %w", orForeign(path, err))
	}
	m, err := fromFile(f)
	if errors.Is(err, errNoConfig) {
		err = foreign(path, err)
	}
	if err != nil {
		return nil, fmt.Errorf("model: %s: %w", path, err)
	}
	return m, nil
}

func fromFile(f *safetensors.File) (*Model, error) {
	text, ok := f.Metadata[configKey]
	if !ok {
		return nil, errNoConfig
	}
	c, err := ParseConfig([]byte(text))
	if err != nil {
		return nil, err
	}
	// Before memory is taken: the file has as many numbers as are trained, or more where kernels are tied.
	if got, want := numbers(f), c.Network.Parameters(); int64(got) < want {
		return nil, fmt.Errorf("there are %d numbers, and its configuration describes %d parameters; the file is damaged", got, want)
	}
	network, err := nn.NewUNet(c.Network)
	if err != nil {
		return nil, err
	}
	if err := nn.SetWeights(network.Params(), f); err != nil {
		return nil, err
	}
	return newModel(c, network), nil
}

// numbers returns how many numbers a file has.
func numbers(f *safetensors.File) (n int) {
	for _, t := range f.Tensors {
		n += t.Value.Len()
	}
	return n
}

// Save writes the model to a file, tied kernels expanded, so that it loads in PyTorch's U-Net of the ADM code as well. The
// file is written aside and renamed: an old one is there, whole, until the new one is.
func (m *Model) Save(path string) error {
	f := nn.Weights(m.network.Params(), map[string]string{configKey: string(m.config.JSON())})
	if err := safetensors.Write(path, f); err != nil {
		return fmt.Errorf("model: %w", err)
	}
	return nil
}

// Config returns the configuration that the model was trained with.
func (m *Model) Config() Config { return m.config }

// Parameters returns how many numbers were trained.
func (m *Model) Parameters() (n int) {
	for _, p := range m.network.Params() {
		n += p.Len()
	}
	return n
}

// A program is the network compiled for batches of a size, and the workspaces that are free.
type program struct {
	inputs
	compiled *autodiff.Program
	z        *autodiff.Node
	free     sync.Pool
}

// program returns the network compiled for batches of n images, or a *MemoryError if there is no room to run it.
func (m *Model) program(n int) (*program, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if p := m.programs[n]; p != nil {
		return p, nil
	}
	if err := roomForImages(m.config.Network, n); err != nil {
		return nil, err
	}
	p := &program{inputs: newInputs(m.config, n)}
	p.z = p.apply(m.network, nil)
	p.compiled = autodiff.Compile(p.z)
	if err := enough(float64(p.compiled.ArenaLen()), "sampling %d images at a time (a smaller batch takes less)", n); err != nil {
		return nil, err
	}
	m.programs[n] = p
	return p, nil
}

// workspace returns a free workspace, its weights packed.
func (p *program) workspace() *autodiff.Workspace {
	if w, ok := p.free.Get().(*autodiff.Workspace); ok {
		return w
	}
	w := p.compiled.NewWorkspace()
	w.Prepare()
	return w
}
