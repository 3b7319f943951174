package spdiff

import (
	"fmt"

	"spdiff/nn"
	"spdiff/sde"
)

// A Model is a trained denoiser. It does not change, and any number of goroutines may use it at once.
type Model struct {
	config   Config
	network  *nn.UNet
	programs programs
}

func newModel(c Config, network *nn.UNet) *Model { return &Model{config: c.Clone(), network: network} }

// Config returns the configuration that the model was trained with, and what is derived from it: a copy.
func (m *Model) Config() Config { return m.config.Clone() }

// Parameters returns how many numbers were trained.
func (m *Model) Parameters() (n int) {
	for _, p := range m.network.Params() {
		n += p.Len()
	}
	return n
}

// Shape returns rows, columns and channels of the images.
func (m *Model) Shape() (h, w, c int) {
	n := m.config.Network
	return n.ImageHeight, n.ImageWidth, n.Out
}

// size returns how many numbers an image has.
func (m *Model) size() int {
	h, w, c := m.Shape()
	return h * w * c
}

// Classes returns how many classes there are, 0 if the model was trained without.
func (m *Model) Classes() int { return m.config.Network.Classes }

// Process returns the diffusion process that the model reverses.
func (m *Model) Process() sde.Process { return m.config.Process() }

// As returns the model with the same weights but another method: an ordinary network, of Plain, OC, Reg, RegOC or CF, works with
// any of these. What it was trained for matters: a network of CF has seen only images in canonical frames, but sees others if
// it is averaged or used by itself.
//
// It returns a [*SettingError] for a method that needs other weights, as WT and GC do, whose networks are equivariant as they are.
func (m *Model) As(method Method) (*Model, error) {
	c := m.config
	c.Method = method
	if !method.regularised() {
		c.Penalty = 0
	}
	if c = c.Resolved(); !methods.has(int(method)) || c.Network.Group != m.config.Network.Group || c.Network.Features != m.config.Network.Features {
		return nil, &SettingError{Field: "Method", Value: method, Reason: fmt.Sprintf("the weights are those of %v under %v, "+
			"which no other method can use; plain, oc, reg, reg-oc and cf can be exchanged", m.config.Method, m.config.Group)}
	}
	return newModel(c, m.network), nil
}
