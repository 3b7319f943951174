package spdiff

import (
	"math"

	"spdiff/asm"
	"spdiff/group"
	"spdiff/sde"
	"spdiff/tensor"
	"spdiff/tensor/warp"
)

// A diffuser draws times and noise: it makes of a feed's images what a training step of a diffusion takes.
type diffuser struct {
	config  Config
	feed    *feed
	process sde.Process
	ask     sde.Preconditioning
	frame   *group.Frame // for CF, else nil

	noise   [][]float32 // of each place in the batch
	batch   *batch
	drawing []tensor.Task
}

// A batch is what a training step takes.
type batch struct {
	x      []float32 // noisy images (N, H, W, C) as the network sees them: times In
	cond   []float32 // what the network predicted before, nil if it is not conditioned on that
	t      []float32 // what the network is told of their times (N)
	scale  []float32 // the roots of the errors' weights (N), nil if they are 1
	class  []float32 // (N), nil if there are none
	labels []float32 // how the images were moved (N, Labels), nil if they never are
	target []float32 // what is to be predicted

	aligned []float32 // A⁻¹ F_θ̄(A x_t, t), see regulariser; nil if there is none
	key     []float32 // of the dropout (N, 2), nil if there is none

	noisy []float32 // x_t itself
	times []float64 // t itself
}

func newDiffuser(c Config, f *feed) *diffuser {
	d := &diffuser{config: c, feed: f, process: c.Process(), ask: c.preconditioning()}
	if c.Method == CF {
		d.frame = c.frame()
	}
	for range c.Batch {
		d.noise = append(d.noise, make([]float32, f.h*f.w*f.c))
	}
	d.drawing = []tensor.Task{{N: c.Batch, Do: func(j, _ int) { d.draw(j) }}}
	return d
}

// fill makes the batch of a step.
func (d *diffuser) fill(b *batch, step int) error {
	if err := d.feed.fill(step); err != nil {
		return err
	}
	d.batch = b
	tensor.Run(d.drawing...)
	return nil
}

// draw makes place j of the batch: with a time and noise, the noisy image and what is to be predicted of it.
func (d *diffuser) draw(j int) {
	b, x0, eps := d.batch, d.feed.image(j), d.noise[j]
	n, number := len(x0), d.feed.draw(j)
	x, noisy, target := b.x[j*n:(j+1)*n], b.noisy[j*n:(j+1)*n], b.target[j*n:(j+1)*n]
	t := d.config.time(number)
	c := d.ask.At(d.process, t)
	noise.stream(d.config.Seed, number).Normal(eps, 0)
	sde.Diffuse(d.process, noisy, x0, eps, t)
	asm.Scale(x, float32(c.In), noisy)
	asm.Scale(target, float32(c.A), x0)
	asm.AddScaled(target, float32(c.B), eps, target)
	if d.frame != nil {
		d.canonise(eps, x, noisy, target)
	}
	b.times[j], b.t[j] = t, networkTime(c.Noise)
	if b.class != nil {
		b.class[j] = float32(d.config.told(d.feed.class[j], number))
	}
	if b.labels != nil {
		copy(b.labels[j*warp.Labels:], d.feed.labels[j][:])
	}
	if b.scale != nil {
		b.scale[j] = float32(math.Sqrt(c.Loss(errorWeights[d.config.Weight](d.process, t))))
	}
	if b.key != nil {
		var u [2]uint32
		drops.stream(d.config.Seed, number).Uint32(u[:], 0)
		b.key[2*j], b.key[2*j+1] = float32(u[0]>>8), float32(u[1]>>8)
	}
}

// canonise moves a noisy image, and with it what goes with it, into its canonical frame, by way of room.
func (d *diffuser) canonise(room, x, noisy, target []float32) {
	kappa, _ := d.frame.Of(x)
	if kappa = d.config.Group.Inverse(kappa); kappa == 0 {
		return
	}
	for _, v := range [...][]float32{x, noisy, target} {
		copy(room, v)
		d.frame.Act(v, room, kappa)
	}
}

// time returns that of a draw. At 0 itself some processes have no noise, and some targets no meaning.
func (c Config) time(draw uint64) float64 {
	var t [1]float32
	s := instant.stream(c.Seed, draw)
	switch {
	case c.Schedule == EDM:
		s.Normal(t[:], 0)
		t[0] = float32(1.2*t[0]) - 1.2
		asm.Exp(t[:], t[:])
		return float64(t[0])
	case c.Times == LogitNormal:
		s.Normal(t[:], 0)
		asm.Sigmoid(t[:], t[:])
	default:
		s.Uniform(t[:], 0)
	}
	return float64(max(t[0], 1e-5))
}

// networkTime returns what a network is told of a time, or of what stands for it: as the paper's code does, 1000 times as much,
// for which the wavelengths of [autodiff.TimestepEmbedding] are made.
func networkTime(t float64) float32 { return float32(1000 * t) }
