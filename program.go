package spdiff

import (
	"context"
	"sync"

	"spdiff/autodiff"
	"spdiff/sde"
)

// Programs are those of a model for the sizes of batches that came last.
type programs struct {
	mu   sync.Mutex
	last []*program // the newest use last
}

// maxPrograms bounds the programs that a model keeps: each has tables of all pixels, about a megabyte. Two sizes take turns
// where a batch is not a multiple of Batch.
const maxPrograms = 4

// A program is the network compiled for batches of a size, in a precision, and the rooms that are free.
type program struct {
	inputs
	n         int
	precision Precision
	compiled  *autodiff.Program
	z         *autodiff.Node
	free      sync.Pool
}

// A room is the memory in which one evaluator runs a program, the weights packed.
type room struct {
	program   *program
	workspace *autodiff.Workspace
	network   sde.Network // as the method makes it equivariant
	inputs    [][]float32 // its arguments
	class     []float32   // its input, nil if there are none
	nothing   []float32   // zeros, which a conditioned network is told at first
	none      []float32   // D without a class, where images are guided, and
	classes   []float32   // the classes meanwhile
	ctx       context.Context
}

// program returns the network compiled for batches of n images in a precision, or a *MemoryError if there is no room to run it.
func (m *Model) program(n int, precision Precision) (*program, error) {
	ps := &m.programs
	ps.mu.Lock()
	defer ps.mu.Unlock()
	for i, p := range ps.last {
		if p.n == n && p.precision == precision {
			ps.last = append(append(ps.last[:i:i], ps.last[i+1:]...), p)
			return p, nil
		}
	}
	if err := m.roomFor(n); err != nil {
		return nil, err
	}
	p := &program{n: n, precision: precision, inputs: newInputs(m.config, n)}
	p.z = p.apply(m.network, nil, precision)
	p.compiled = autodiff.Compile(p.z)
	if err := enough(float64(p.compiled.ArenaLen())+float64(m.Parameters()), "sampling %d images at a time (a smaller batch takes less)", n); err != nil {
		return nil, err
	}
	ps.last = append(ps.last, p)
	if extra := len(ps.last) - maxPrograms; extra > 0 {
		ps.last = append([]*program(nil), ps.last[extra:]...)
	}
	return p, nil
}

// fits returns a *MemoryError if there is no room to run the network on n images at a time.
func (m *Model) fits(n int, p Precision) error {
	if n < 1 {
		return nil
	}
	_, err := m.program(n, p)
	return err
}

// room returns a free room for n images, or a new one.
func (m *Model) room(ctx context.Context, n int, precision Precision) (*room, error) {
	if err := sde.Stopped(ctx); err != nil {
		return nil, err
	}
	p, err := m.program(n, precision)
	if err != nil {
		return nil, err
	}
	if r, ok := p.free.Get().(*room); ok {
		return r, nil
	}
	if err := sde.Stopped(ctx); err != nil {
		return nil, err
	}
	r := &room{program: p, workspace: p.compiled.NewWorkspace(), inputs: make([][]float32, 1)}
	if r.workspace.PrepareContext(ctx) != nil {
		return nil, sde.Stopped(ctx)
	}
	r.class = given(r.workspace, p.class)
	if p.cond != nil {
		r.nothing, r.inputs = make([]float32, n*m.size()), make([][]float32, 2)
	}
	r.network = m.equivariant(r)
	return r, nil
}

// roomFor returns a *MemoryError if there is no room even for the weights, packed, and the first feature map of n images.
func (m *Model) roomFor(n int) error {
	if err := enough(2*float64(m.Parameters()), "packing %d weights", m.Parameters()); err != nil {
		return err
	}
	return roomForImages(m.config.Network, n)
}
