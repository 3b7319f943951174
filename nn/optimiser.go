package nn

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"spdiff/asm"
	"spdiff/tensor"
)

// An OptimiserConfig says how parameters follow their gradients.
type OptimiserConfig struct {
	Rule     Rule      `json:"rule"`
	Clip     float64   `json:"clip"`     // gradients longer than this, all parameters taken together, are shortened to it; 0: none
	Averages []Average `json:"averages"` // running means of the parameters to keep
}

// An Average is a running mean of the parameters, a ← ra + (1−r)p after each step, from a = p at the start. At r = 0 it is p, to the
// last bit.
type Average struct {
	Rate float64 `json:"rate"` // r, 0 ≤ r < 1
	Ramp bool    `json:"ramp"` // r is at most (1+n)/(10+n) after step n, so that the start is soon forgotten
}

// at returns r after step n = 1, 2, …
func (a Average) at(n int) float64 {
	if a.Ramp {
		return min(a.Rate, float64(1+n)/float64(10+n))
	}
	return a.Rate
}

// Validate returns a *ConfigError that names the first setting with which training would be lost, and one that works.
func (c OptimiserConfig) Validate() error {
	err := inRange("optimiser", "number of averages", len(c.Averages), 0, 16)
	if c.Clip != 0 {
		err = cmp.Or(err, inRange("optimiser", "clip", c.Clip, 1e-6, 1e9))
	}
	for i, a := range c.Averages {
		err = cmp.Or(err, inRange("optimiser", fmt.Sprintf("averages.%d.rate", i), a.Rate, 0, maxMemory))
	}
	return cmp.Or(err, c.Rule.Validate())
}

// Clone returns a copy that shares no memory with c.
func (c OptimiserConfig) Clone() OptimiserConfig {
	c.Averages = slices.Clone(c.Averages)
	return c
}

// An OptimiserState is what an optimiser remembers between steps: all that is needed, with the parameters, to go on as if
// never interrupted. Slices are as long as the parameters' values, in the order of the parameters.
type OptimiserState struct {
	Steps    int           // done so far
	M, V     [][]float32   // running means of gradients and of their squares
	Averages [][][]float32 // Averages[k][i]: of parameter i, as OptimiserConfig.Averages[k] says
}

// An Optimiser moves parameters in place by gradients that lie in memory of their own, such as a workspace's outputs. A
// step reads and writes each number once, in pieces cut by the lengths of the parameters alone: its bits do not depend on
// the number of workers. It allocates nothing.
type Optimiser struct {
	config OptimiserConfig
	params []*Param
	grads  [][]float32
	state  OptimiserState

	pieces  []piece
	squares []float64 // of each piece's gradient
	step    asm.AdamStep
	weights []float32 // 1−r of each average
	measure []tensor.Task
	update  []tensor.Task
}

// A piece is a part of a parameter: one piece of work.
type piece struct{ param, from, to int }

// pieceLen is the length of a piece, but for the last of each parameter. Six slices of it fit in half a megabyte.
const pieceLen = 1 << 14

// NewOptimiser returns an optimiser of params, grads[i] being the gradient of params[i]. Averages start as copies of the
// parameters, so these must have their first values. It panics if the lengths do not fit; c must be valid.
func NewOptimiser(c OptimiserConfig, params []*Param, grads [][]float32) *Optimiser {
	if len(params) != len(grads) {
		panic(fmt.Sprintf("nn: NewOptimiser: %d parameters, but %d gradients", len(params), len(grads)))
	}
	o := &Optimiser{config: c.Clone(), params: params, grads: grads, weights: make([]float32, len(c.Averages))}
	for i, p := range params {
		n := p.Len()
		if len(grads[i]) != n {
			panic(fmt.Sprintf("nn: NewOptimiser: %s has %d values, its gradient %d", p.Name, n, len(grads[i])))
		}
		o.state.M = append(o.state.M, make([]float32, n))
		o.state.V = append(o.state.V, make([]float32, n))
		for from := 0; from < n; from += pieceLen {
			o.pieces = append(o.pieces, piece{i, from, min(from+pieceLen, n)})
		}
	}
	for range c.Averages {
		o.state.Averages = append(o.state.Averages, copies(params))
	}
	o.squares = make([]float64, len(o.pieces))
	o.measure = []tensor.Task{{N: len(o.pieces), Do: o.square}}
	o.update = []tensor.Task{{N: len(o.pieces), Do: o.move}}
	return o
}

func copies(params []*Param) (all [][]float32) {
	for _, p := range params {
		all = append(all, append([]float32(nil), p.Value.Data()...))
	}
	return all
}

// State returns the optimiser's own memory, to be saved between steps, or written to before the first one to go on from a
// saved state.
func (o *Optimiser) State() *OptimiserState { return &o.state }

// Step moves the parameters by one step with the given learning rate, and then the averages. It returns the length of the
// gradient before clipping. If that is not a finite number it changes nothing and returns a *GradientError.
func (o *Optimiser) Step(rate float64) (norm float64, err error) {
	tensor.Run(o.measure...)
	for _, s := range o.squares {
		norm += s
	}
	norm = math.Sqrt(norm)
	if math.IsNaN(norm) || math.IsInf(norm, 0) {
		return norm, o.blame(norm)
	}
	o.state.Steps++
	o.step = o.config.Rule.step(o.state.Steps, rate, o.clip(norm))
	for k, a := range o.config.Averages {
		o.weights[k] = float32(1 - a.at(o.state.Steps))
	}
	tensor.Run(o.update...)
	return norm, nil
}

// clip returns the factor of a gradient of length norm, as torch.nn.utils.clip_grad_norm_ has it.
func (o *Optimiser) clip(norm float64) float64 {
	if o.config.Clip == 0 {
		return 1
	}
	return min(1, o.config.Clip/(norm+1e-6))
}

// square sums the squares of piece i's gradient.
func (o *Optimiser) square(i, _ int) {
	p := o.pieces[i]
	g := o.grads[p.param][p.from:p.to]
	if o.squares[i] = float64(asm.Dot(g, g)); math.IsInf(o.squares[i], 1) && o.config.Clip > 0 {
		o.squares[i] = wideSquare(g)
	}
}

// wideSquare sums squares that are beyond float32, as those of finite gradients may be, which are then clipped.
func wideSquare(g []float32) (sum float64) {
	for _, v := range g {
		sum += float64(float64(v) * float64(v))
	}
	return sum
}

// move updates piece i of the parameters, their moments and averages.
func (o *Optimiser) move(i, _ int) {
	p := o.pieces[i]
	cut := func(x []float32) []float32 { return x[p.from:p.to] }
	value := cut(o.params[p.param].Value.Data())
	asm.Adam(value, cut(o.state.M[p.param]), cut(o.state.V[p.param]), cut(o.grads[p.param]), &o.step)
	for k, w := range o.weights {
		a := cut(o.state.Averages[k][p.param])
		if w == 1 { // Lerp rounds value − a, and would not end in value
			copy(a, value)
		} else {
			asm.Lerp(a, w, a, value)
		}
	}
}

// CopyAverage copies average number k to another network of the same configuration, whose parameters are to.
func (o *Optimiser) CopyAverage(to []*Param, k int) {
	if len(to) != len(o.params) {
		panic(fmt.Sprintf("nn: CopyAverage: %d parameters for %d averages", len(to), len(o.params)))
	}
	for i, a := range o.state.Averages[k] {
		if to[i].Name != o.params[i].Name || to[i].Len() != len(a) {
			panic(fmt.Sprintf("nn: CopyAverage: parameter %v for the average of %v", to[i], o.params[i]))
		}
		copy(to[i].Value.Data(), a)
	}
}

// A GradientError says that a gradient is not finite. Nothing was changed by it.
type GradientError struct {
	Param string  // the first parameter with such a gradient, "" if it is the sum of squares that is too large
	Step  int     // the step that was to be done, 1, 2, …
	Norm  float64 // NaN or infinite
}

// Error says which parameter at which step, and what may help.
func (e *GradientError) Error() string {
	if e.Param == "" {
		return fmt.Sprintf("step %d: the gradient's length overflows; a lower learning rate may keep it in bounds", e.Step)
	}
	return fmt.Sprintf("step %d: the gradient of %s is not finite; a lower learning rate may keep it in bounds", e.Step, e.Param)
}

// blame finds the first gradient that is not finite.
func (o *Optimiser) blame(norm float64) error {
	for i, g := range o.grads {
		for _, v := range g {
			if v-v != 0 {
				return &GradientError{o.params[i].Name, o.state.Steps + 1, norm}
			}
		}
	}
	return &GradientError{"", o.state.Steps + 1, norm}
}
