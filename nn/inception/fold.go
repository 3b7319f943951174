package inception

import (
	"fmt"
	"math"
	"strings"

	"spdiff/tensor"
	"spdiff/tensor/safetensors"
)

// folded is a convolution with its normalisation in it: z = x∗weight + bias.
type folded struct {
	weight *tensor.Tensor // (taps, in, out)
	bias   *tensor.Tensor // (out)
}

// epsilon is that of the normalisation, ε.
const epsilon = 1e-3

// fold makes of the tensors of a file the network's weights. With γ, β, μ, σ² those of the normalisation, and w of the convolution,
//
//	weight = w·γ/√(σ² + ε),   bias = β − μ·γ/√(σ² + ε),
//
// computed in float64 and rounded once.
func fold(f *safetensors.File) (map[string]folded, error) {
	found, err := find(f)
	if err != nil {
		return nil, err
	}
	all := map[string]folded{}
	for _, c := range convolutions() {
		norm := [4][]float32{}
		for i, n := range normalisation {
			norm[i] = found[c.name+".bn."+n]
		}
		all[c.name] = c.fold(found[c.name+".conv.weight"], norm)
	}
	return all, nil
}

func (c *convolution) fold(w []float32, norm [4][]float32) folded {
	taps := c.h * c.w
	z := folded{tensor.New(taps, c.in, c.out), tensor.New(c.out)}
	for o := range c.out {
		gamma, beta, mean, variance := float64(norm[0][o]), float64(norm[1][o]), float64(norm[2][o]), float64(norm[3][o])
		a := gamma / math.Sqrt(variance+epsilon)
		z.bias.Data()[o] = float32(beta - float64(mean*a))
		for i := range c.in {
			for t := range taps {
				z.weight.Data()[(t*c.in+i)*c.out+o] = float32(float64(w[(o*c.in+i)*taps+t]) * a)
			}
		}
	}
	return z
}

// find returns the tensors of a file by name, or a *WeightsError that says what is wrong with them.
func find(f *safetensors.File) (map[string][]float32, error) {
	there := map[string]*tensor.Tensor{}
	for _, t := range f.Tensors {
		there[t.Name] = t.Value
	}
	found, e := map[string][]float32{}, WeightsError{}
	for _, p := range Parameters() {
		t := there[p.Name]
		delete(there, p.Name)
		switch {
		case t == nil:
			e.add("%s %v is missing", p.Name, p.Shape)
		case !t.Shape().Equal(p.Shape):
			e.add("%s is %v, not %v", p.Name, t.Shape(), p.Shape)
		default:
			found[p.Name] = t.Data()
			e.checkNumbers(p, t.Data())
		}
	}
	for _, t := range f.Tensors {
		if there[t.Name] != nil && !ignored(t.Name) {
			e.add("%s %v is no part of the network", t.Name, t.Value.Shape())
		}
	}
	if e.Count > 0 {
		return nil, &e
	}
	return found, nil
}

// ignored reports whether a tensor belongs to what comes after the features, beside them, or to training.
func ignored(name string) bool {
	return strings.HasPrefix(name, "AuxLogits.") || strings.HasPrefix(name, "fc.") || strings.HasSuffix(name, ".num_batches_tracked")
}

// A WeightsError says how a file's tensors are not those of the network.
type WeightsError struct {
	Count   int      // of faults
	Reasons []string // the first of them
}

// Error lists the first faults.
func (e *WeightsError) Error() string {
	text := "these are not the weights of Inception v3: " + strings.Join(e.Reasons, "; ")
	if n := e.Count - len(e.Reasons); n > 0 {
		text += fmt.Sprintf("; and %d faults more", n)
	}
	return text
}

func (e *WeightsError) add(format string, a ...any) {
	if e.Count++; e.Count <= 4 {
		e.Reasons = append(e.Reasons, fmt.Sprintf(format, a...))
	}
}

// checkNumbers sees to it that all numbers are finite, and variances not negative.
func (e *WeightsError) checkNumbers(p Parameter, x []float32) {
	for i, v := range x {
		if v-v != 0 || v < 0 && strings.HasSuffix(p.Name, ".running_var") {
			e.add("number %d of %s is %v", i, p.Name, v)
			return
		}
	}
}
