package spdiff

import (
	"context"
	"errors"

	"spdiff/sde"
)

// An evaluator is the model at work, for one goroutine: D(x, t) by the way in which the method is equivariant, of any number of
// images, a piece of limited size at a time. Its memory is kept for the next evaluation until it is closed.
type evaluator struct {
	ctx       context.Context
	model     *Model
	most      int             // images of a piece
	class     func(i int) int // of image i of the batch
	rooms     []*room         // of the sizes of pieces that there were
	guidance  float64
	precision Precision
	last      []float32 // what a network that is conditioned on its last prediction is told; nil: zeros
}

// evaluator returns one with the batch, the guidance and the precision of a reversal; close gives its memory back, which then
// keeps none of the caller's images alive.
func (m *Model) evaluator(ctx context.Context, r Reversal, class func(i int) int) *evaluator {
	return &evaluator{ctx: ctx, model: m, most: r.Batch, class: class, guidance: r.Guidance, precision: r.Precision}
}

func (e *evaluator) close() {
	for _, r := range e.rooms {
		r.ctx = nil
		clear(r.inputs)
		r.program.free.Put(r)
	}
	e.rooms = nil
}

// prepare makes the memory for n images, before work is done that would be lost.
func (e *evaluator) prepare(n int) error {
	for _, k := range []int{min(n, e.most), n % e.most} {
		if k > 0 {
			if _, err := e.room(k); err != nil {
				return err
			}
		}
	}
	return nil
}

// room returns that for n images.
func (e *evaluator) room(n int) (*room, error) {
	for _, r := range e.rooms {
		if r.program.n == n {
			return r, nil
		}
	}
	r, err := e.model.room(e.ctx, n, e.precision)
	if err == nil {
		e.rooms = append(e.rooms, r)
	}
	return r, err
}

// denoise sets z to D(x, t) as it comes out of the network, guided.
func (e *evaluator) denoise(z, x []float32, t float64) error {
	size := e.model.size()
	for at := 0; at < len(x)/size; at += e.most {
		n := min(e.most, len(x)/size-at)
		r, err := e.room(n)
		if err != nil {
			return err
		}
		for i := range r.class {
			r.class[i] = float32(e.class(at + i))
		}
		from, to := at*size, (at+n)*size
		r.inputs[0] = x[from:to]
		if len(r.inputs) > 1 {
			r.inputs[1] = r.nothing
			if e.last != nil {
				r.inputs[1] = e.last[from:to]
			}
		}
		r.ctx = e.ctx
		if err := e.evaluate(z[from:to], r, t); err != nil {
			return ofImage(err, func(place int) int { return at + place })
		}
	}
	return nil
}

// ofImage returns err. If err names an image by its place among several, ofImage puts the image's number there.
func ofImage(err error, number func(place int) int) error {
	var tie *sde.TieError
	if errors.As(err, &tie) {
		tie.Place = number(tie.Place)
	}
	return err
}

// evaluate sets z to D of the images in a room.
func (e *evaluator) evaluate(z []float32, r *room, t float64) error {
	if e.guidance != 0 {
		return e.guided(z, r, t)
	}
	return r.network(z, r.inputs, t)
}

// denoiser returns D, brought into [−1, 1], as a function of x and t alone: a conditioned network is told nothing.
func (e *evaluator) denoiser() sde.Denoiser { return sde.Denoiser(e.denoise).Clamp(-1, 1) }

// solving returns D for one solution: a conditioned network is told its last prediction.
func (e *evaluator) solving() sde.Denoiser {
	d := e.denoiser()
	if !e.model.config.Condition {
		return d
	}
	return func(z, x []float32, t float64) error {
		if len(e.last) != len(x) {
			e.last = make([]float32, len(x))
		}
		if err := d(z, x, t); err != nil {
			return err
		}
		copy(e.last, z)
		return nil
	}
}

// equivariant returns the network of a room as the method makes it equivariant.
func (m *Model) equivariant(r *room) sde.Network {
	c := m.config
	switch {
	case c.Method.averaged():
		return sde.AverageN(c.Group, c.Network.ImageHeight, c.Network.ImageWidth, c.Network.Out, m.alone(r))
	case c.Method == CF:
		return sde.CanonicalN(c.frame(), m.alone(r))
	}
	return m.alone(r)
}

// alone returns the network alone: its prediction of x₀ from x and, if it is conditioned on that, its last one. The images
// may be several times those of the room, which then runs as often: an average takes no more memory than one evaluation.
func (m *Model) alone(r *room) sde.Network {
	p, w := r.program, r.workspace
	x, times, z := w.Input(p.x), w.Input(p.t), w.Output(p.z)
	var last []float32
	d := m.config.precondition(func(out, in []float32, t float64) error {
		for i := range times {
			times[i] = networkTime(t)
		}
		for at := 0; at < len(out); at += len(z) {
			if err := sde.Stopped(r.ctx); err != nil {
				return err
			}
			copy(x, in[at:])
			if p.cond != nil {
				copy(w.Input(p.cond), last[at:])
			}
			w.Run()
			copy(out[at:], z)
		}
		return nil
	})
	return func(out []float32, in [][]float32, t float64) error {
		if p.cond != nil {
			last = in[1]
		}
		return d(out, in[0], t)
	}
}

// precondition returns what predicts as Predict says as a denoiser.
func (c Config) precondition(predict sde.Predictor) sde.Denoiser {
	return predict.Denoiser(c.Process(), c.preconditioning())
}
