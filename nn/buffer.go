package nn

import (
	"slices"

	"spdiff/autodiff"
)

// A Buffered layer has numbers that a training changes and no gradient does: running statistics, singular vectors. They are saved
// with the parameters, under PyTorch's names where it has them.
type Buffered interface {
	Buffers() []*Param
}

// Buffers returns those of the layer, or of all layers of a chain.
func Buffers(l Layer) []*Param {
	if b, ok := l.(Buffered); ok {
		return b.Buffers()
	}
	return nil
}

// Buffers returns the buffers of all layers in turn.
func (l Chain) Buffers() (all []*Param) {
	for _, layer := range l {
		all = append(all, Buffers(layer)...)
	}
	return all
}

// initAll gives parameters and buffers their first values.
func initAll(l Layer, seed uint64) {
	for _, p := range slices.Concat(l.Params(), Buffers(l)) {
		p.Init(seed)
	}
}

// Updates are what a training step does to buffers. A layer that is given them, in Conditions, acts as in training (a norm goes by
// its batch) and adds what becomes of its buffers; one that is given none acts by its buffers and changes nothing.
type Updates struct {
	buffers []*Param
	next    []*autodiff.Node
}

// add says what a buffer is to become. The first word counts where a layer is applied more than once.
func (u *Updates) add(b *Param, next *autodiff.Node) {
	if !slices.Contains(u.buffers, b) {
		u.buffers, u.next = append(u.buffers, b), append(u.next, next)
	}
}

// Nodes returns the outputs that the program of the step must have.
func (u *Updates) Nodes() []*autodiff.Node { return slices.Clone(u.next) }

// Apply sets the buffers to what a run has made of them.
func (u *Updates) Apply(w *autodiff.Workspace) {
	for i, b := range u.buffers {
		copy(b.Value.Data(), w.Output(u.next[i]))
	}
}

// updating returns the updates of c, nil outside training.
func updating(c *Conditions) *Updates {
	if c == nil {
		return nil
	}
	return c.Updates
}
