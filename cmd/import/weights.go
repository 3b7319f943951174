package main

import (
	"fmt"
	"slices"
	"strings"

	"spdiff/nn"
	"spdiff/tensor"
	"spdiff/tensor/safetensors"
)

// The orders of the rows of attention's qkv, by the names of -qkv: (heads, 3, d), which is ours, and (3, heads, d).
const (
	legacyOrder = "legacy"
	newOrder    = "new"
)

// headsFirst returns the rows of qkv, weights or biases, from (3, heads, d) to (heads, 3, d), for heads of d channels.
func headsFirst(t *tensor.Tensor, d int) *tensor.Tensor {
	z := tensor.New(t.Shape()...)
	rows := t.Shape()[0]
	row, heads := t.Len()/rows, rows/(3*d)
	for i := range rows {
		part, head, c := i/(heads*d), i/d%heads, i%d
		copy(z.Data()[((head*3+part)*d+c)*row:][:row], t.Data()[i*row:])
	}
	return z
}

// squeezed returns weights of a 1×1 convolution (out, in, 1, 1) as those of a convolution of sequences (out, in, 1).
func squeezed(t *tensor.Tensor) *tensor.Tensor {
	if s := t.Shape(); len(s) == 4 && s[2] == 1 && s[3] == 1 {
		return tensor.From(t.Data(), s[:3]...)
	}
	return t
}

// firstRows returns the first n rows, as those for the mean of a network that learned variances too.
func firstRows(t *tensor.Tensor, n int) *tensor.Tensor {
	s := slices.Clone(t.Shape())
	row := t.Len() / s[0]
	s[0] = n
	return tensor.From(t.Data()[:n*row], s...)
}

// attentionWidths returns the channels of all attention, by the names of its qkv weights.
func (s *source) attentionWidths() (map[string]int, error) {
	widths := map[string]int{}
	for name, t := range s.weights {
		if !strings.HasSuffix(name, ".qkv.weight") {
			continue
		}
		c := t.Shape()
		if len(c) < 2 || c[1] < 1 || c[0] != 3*c[1] {
			return nil, fmt.Errorf("tensor %s is %v; that of attention has three times as many rows as columns", s.prefix+name, c)
		}
		widths[name] = c[1]
	}
	return widths, nil
}

// convert brings the weights into our layout, for the network of a configuration, with the mean alone of a network that gives more
// than its Out channels.
func (s *source) convert(c nn.UNetConfig, order string) error {
	for name, t := range s.weights {
		isQKV := strings.Contains(name, ".qkv.")
		if isQKV || strings.Contains(name, ".proj_out.") {
			t = squeezed(t)
		}
		if isQKV && order == newOrder {
			d := c.Head
			if len(t.Shape()) > 0 {
				d = min(d, t.Shape()[0]/3)
			}
			if len(t.Shape()) == 0 || d == 0 || t.Shape()[0]%(3*d) != 0 {
				return fmt.Errorf("tensor %s is %v: its rows are not those of heads of %d channels", s.prefix+name, t.Shape(), c.Head)
			}
			t = headsFirst(t, d)
		}
		if strings.HasPrefix(name, "out.2.") && len(t.Shape()) > 0 && t.Shape()[0] == 2*c.Out {
			t = firstRows(t, c.Out)
		}
		s.weights[name] = t
	}
	return nil
}

// file returns the weights as a file, of which nn.SetWeights says whether they are the network's.
func (s *source) file() *safetensors.File {
	f := &safetensors.File{}
	for name, t := range s.weights {
		f.Tensors = append(f.Tensors, safetensors.Tensor{Name: name, Value: t})
	}
	slices.SortFunc(f.Tensors, func(a, b safetensors.Tensor) int { return strings.Compare(a.Name, b.Name) })
	return f
}
