package spdiff

import (
	"fmt"

	"spdiff/nn"
	"spdiff/tensor/safetensors"
)

// Last, in place of the number of a running mean, stands for the last weights themselves, which every training has.
const Last = -1

// Average returns a model whose weights are a copy of the present running mean number k of [Config.Optimiser].Averages, or of the
// [Last] weights; [Trainer.Model] is Average(0). It panics with a *ConfigError if there is no mean of that number.
func (t *Trainer) Average(k int) *Model {
	if err := checkAverage(t.config, k); err != nil {
		panic(err)
	}
	network, err := nn.NewUNet(t.config.Network)
	if err != nil {
		panic(err) // the trainer has one like it
	}
	if k == Last {
		copyParams(network.Params(), t.network.Params())
	} else {
		t.optimiser.CopyAverage(network.Params(), k)
	}
	return newModel(t.config, network)
}

func checkAverage(c Config, k int) error {
	if n := len(c.Optimiser.Averages); k < Last || k >= n {
		return &ConfigError{Field: "average", Value: k, Reason: fmt.Sprintf("the training keeps %d running means, numbered from 0, and %d is of the last weights", n, Last)}
	}
	return nil
}

// LoadState reads a model from a state that [Trainer.Save] wrote: the one that [Trainer.Average] returns for k after [Resume]. It
// needs no images and no memory for a training. Its errors are those of [Resume], and a *ConfigError if there is no mean of that
// number.
func LoadState(path string, k int) (*Model, error) {
	f, err := safetensors.ReadSealed(path)
	if err != nil {
		return nil, fmt.Errorf("state: %w", err)
	}
	m, err := averageOf(f, k)
	if err != nil {
		return nil, fmt.Errorf("state: %s: %w", path, err)
	}
	return m, nil
}

func averageOf(f *safetensors.File, k int) (*Model, error) {
	c, err := stateConfig(f)
	if err != nil {
		return nil, err
	}
	if err := checkAverage(c, k); err != nil {
		return nil, err
	}
	network, err := nn.NewUNet(c.Network)
	if err != nil {
		return nil, err
	}
	s := &state{}
	kind := "weight/"
	if k != Last {
		kind = fmt.Sprintf("average%d/", k)
	}
	for _, p := range network.Params() {
		s.addArray("", kind+p.Name, p.Value.Data())
	}
	if err := s.restore(f, 0); err != nil {
		return nil, err
	}
	return newModel(c, network), nil
}
