package nn

import (
	"fmt"
	"strings"

	"spdiff/tensor"
	"spdiff/tensor/safetensors"
)

// Weights returns the parameters as a file in PyTorch's names and layouts, tied kernels expanded: a state dict for the ADM
// U-Net of the Groups, Head, Kernel and ClassRows of [UNet.Config]. ADM makes no network of a Head that is more than the channels of
// an attention block. Where there are Labels the file has map_augment.weight besides. The metadata goes along as it is; it is the
// place for the configuration.
func Weights(params []*Param, metadata map[string]string) *safetensors.File {
	f := &safetensors.File{Metadata: metadata}
	for _, p := range params {
		t := tensor.New(p.File...)
		p.expand(t.Data(), p.Value.Data())
		f.Tensors = append(f.Tensors, safetensors.Tensor{Name: p.Name, Value: t})
	}
	return f
}

// SetWeights sets the parameters to those in a file. It returns a *WeightsError unless the file has exactly these
// parameters, by name and shape, and all numbers in them are finite; and a *TieError unless weights that the network ties
// are equal in every bit. If it returns an error, it has changed nothing.
func SetWeights(params []*Param, f *safetensors.File) error {
	found, err := match(params, f)
	if err != nil {
		return err
	}
	values := make([][]float32, len(params))
	for i, p := range params {
		for j, v := range found[i].Data() {
			if v-v != 0 {
				return &WeightsError{NotFinite: []string{fmt.Sprintf("%v: number %d is %v", p, j, v)}}
			}
		}
		values[i] = make([]float32, p.Len())
		if err := p.fold(values[i], found[i].Data()); err != nil {
			return err
		}
	}
	for i, p := range params {
		copy(p.Value.Data(), values[i])
	}
	return nil
}

// match finds each parameter in the file.
func match(params []*Param, f *safetensors.File) ([]*tensor.Tensor, error) {
	byName := make(map[string]*tensor.Tensor, len(f.Tensors))
	for _, t := range f.Tensors {
		byName[t.Name] = t.Value
	}
	var e WeightsError
	found := make([]*tensor.Tensor, len(params))
	known := make(map[string]bool, len(params))
	for i, p := range params {
		known[p.Name] = true
		switch t := byName[p.Name]; {
		case t == nil:
			e.Missing = append(e.Missing, p.String())
		case !t.Shape().Equal(p.File):
			e.Misshapen = append(e.Misshapen, fmt.Sprintf("%v is %v in the file", p, t.Shape()))
		default:
			found[i] = t
		}
	}
	for _, t := range f.Tensors {
		if !known[t.Name] {
			e.Extra = append(e.Extra, fmt.Sprintf("%s %v", t.Name, t.Value.Shape()))
		}
	}
	if len(e.Missing)+len(e.Misshapen)+len(e.Extra) > 0 {
		return nil, &e
	}
	return found, nil
}

// A WeightsError says how a file's tensors are not the network's parameters.
type WeightsError struct {
	Missing, Extra, Misshapen, NotFinite []string // names and shapes
}

// Error lists the tensors by what is wrong with them, the first few of each kind.
func (e *WeightsError) Error() string {
	var parts []string
	for _, p := range []struct {
		what string
		list []string
	}{{"missing from the file: ", e.Missing}, {"not in the network: ", e.Extra}, {"of another shape: ", e.Misshapen}, {"not finite: ", e.NotFinite}} {
		if n := len(p.list); n > 3 {
			parts = append(parts, fmt.Sprintf("%s%s, and %d more", p.what, strings.Join(p.list[:3], ", "), n-3))
		} else if n > 0 {
			parts = append(parts, p.what+strings.Join(p.list, ", "))
		}
	}
	return "the weights do not fit the network: " + strings.Join(parts, "; ")
}
