package spdiff

import (
	"math"

	"spdiff/asm"
	"spdiff/group"
	"spdiff/sde"
	"spdiff/tensor"
)

// A feeder makes the batches of a training. Draw number d, the j-th image of step s with d = s·Batch + j, is a function of
// the configuration, the source and d alone, so a training can go on from any step with no other memory.
type feeder struct {
	config  Config
	source  Source
	reader  *reader
	process sde.Process
	ask     sde.Preconditioning
	frame   *group.Frame // for CF, else nil
	h, w, c int

	room    [][]float32 // of each place in the batch: an image on its way
	step    int
	batch   *batch
	drawing []tensor.Task
}

// A batch is what a training step takes.
type batch struct {
	x      []float32 // noisy images (N, H, W, C), times In
	cond   []float32 // what the network predicted before, nil if it is not conditioned on that
	t      []float32 // 1000 times what stands for their times (N)
	scale  []float32 // the roots of the errors' weights (N), nil if they are 1
	class  []float32 // (N), nil if there are none
	target []float32 // what is to be predicted

	aligned []float32 // A⁻¹ F_θ̄(A x_t, t), see regulariser; nil if there is none
	key     []float32 // of the dropout (N, 2), nil if there is none
}

func newFeeder(c Config, s Source) *feeder {
	f := &feeder{config: c, source: s, reader: newReader(c, s), process: c.process(), ask: c.preconditioning()}
	f.h, f.w, f.c = s.Shape()
	if c.Method == CF {
		f.frame = c.frame()
	}
	for range c.Batch {
		f.room = append(f.room, make([]float32, f.h*f.w*f.c))
	}
	f.drawing = []tensor.Task{{N: c.Batch, Do: func(j, _ int) { f.draw(j) }}}
	return f
}

// fill makes the batch of a step, and begins to read the images of the next.
func (f *feeder) fill(b *batch, step int) error {
	if err := f.reader.get(step); err != nil {
		return err
	}
	f.batch, f.step = b, step
	tensor.Run(f.drawing...)
	f.reader.start(step + 1)
	return nil
}

// draw makes place j of the batch.
func (f *feeder) draw(j int) {
	d := uint64(f.step*f.config.Batch + j)
	x0, eps := f.reader.pixels[j], f.room[j]
	if f.config.Rotate {
		x0, eps = f.turn(x0, eps, turned.stream(f.config.Seed, uint64(f.reader.images[j])))
	}
	if f.config.Augment {
		x0, eps = f.turn(x0, eps, augment.stream(f.config.Seed, d))
	}
	if f.batch.class != nil {
		f.batch.class[j] = float32(f.reader.class[j])
	}
	f.diffuse(j, d, x0, eps)
	if f.frame != nil {
		f.canonise(j, eps)
	}
}

// time returns that of a draw. At 0 itself some processes have no noise, and some targets no meaning.
func (c Config) time(d uint64) float64 {
	var t [1]float32
	s := instant.stream(c.Seed, d)
	if c.Schedule != EDM {
		s.Uniform(t[:], 0)
		return float64(max(t[0], 1e-5))
	}
	s.Normal(t[:], 0)
	t[0] = float32(1.2*t[0]) - 1.2
	asm.Exp(t[:], t[:])
	return float64(t[0])
}

// canonise moves place j, the noisy image and what is to be predicted, into the image's canonical frame, by way of room.
func (f *feeder) canonise(j int, room []float32) {
	n := len(room)
	x, target := f.batch.x[j*n:(j+1)*n], f.batch.target[j*n:(j+1)*n]
	kappa, _ := f.frame.Of(x)
	if kappa = f.config.Group.Inverse(kappa); kappa == 0 {
		return
	}
	for _, v := range [][]float32{x, target} {
		copy(room, v)
		f.frame.Act(v, room, kappa)
	}
}

// turn moves x to y by a random element of the group, and returns them exchanged.
func (f *feeder) turn(x, y []float32, s tensor.Stream) (moved, free []float32) {
	f.config.Group.Act(y, x, s.Intn(f.config.Group.Order(), 0), 1, f.h, f.w, f.c)
	return y, x
}

// diffuse draws a time and noise, and sets place j to the noisy image and what is to be predicted of it.
func (f *feeder) diffuse(j int, d uint64, x0, eps []float32) {
	b, n := f.batch, len(x0)
	x, target := b.x[j*n:(j+1)*n], b.target[j*n:(j+1)*n]
	t := f.config.time(d)
	c := f.ask.At(f.process, t)
	noise.stream(f.config.Seed, d).Normal(eps, 0)
	sde.Diffuse(f.process, x, x0, eps, t)
	asm.Scale(x, float32(c.In), x)
	asm.Scale(target, float32(c.A), x0)
	asm.AddScaled(target, float32(c.B), eps, target)
	b.t[j] = float32(1000 * c.Noise)
	if b.scale != nil {
		b.scale[j] = float32(math.Sqrt(c.Loss(errorWeights[f.config.Weight](f.process, t))))
	}
	if b.key != nil {
		var u [2]uint32
		drops.stream(f.config.Seed, d).Uint32(u[:], 0)
		b.key[2*j], b.key[2*j+1] = float32(u[0]>>8), float32(u[1]>>8)
	}
}
