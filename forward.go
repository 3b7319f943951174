package spdiff

import (
	"spdiff/autodiff"
	"spdiff/group"
	"spdiff/nn"
	"spdiff/sde"
)

// A forward is a network evaluated beside the training, without dropout and without a gradient, on a batch of its own.
type forward struct {
	in      inputs
	output  *autodiff.Node
	program *autodiff.Program
	images  group.Images

	workspace *autodiff.Workspace
	batch     batch // its inputs
	z         []float32
}

// newForward compiles the network. It has no memory to run in until it is opened.
func newForward(c Config, u *nn.UNet) *forward {
	f := &forward{in: newTrainingInputs(c),
		images: group.Images{N: c.Batch, H: c.Network.ImageHeight, W: c.Network.ImageWidth, C: c.Network.Out}}
	f.output = f.in.apply(u, nil, c.Precision)
	f.program = autodiff.CompileStep(f.output)
	return f
}

// open takes the memory.
func (f *forward) open() {
	f.workspace = f.program.NewWorkspace()
	f.batch, f.z = f.in.batch(f.workspace), f.workspace.Output(f.output)
}

// run evaluates the network on b moved by the element a of g.
func (f *forward) run(g group.Group, a int, b *batch) {
	f.act(g, a, f.batch.x, b.x)
	if b.cond != nil {
		f.act(g, a, f.batch.cond, b.cond)
	}
	copy(f.batch.t, b.t)
	copy(f.batch.class, b.class)
	copy(f.batch.labels, b.labels)
	f.workspace.Prepare()
	f.workspace.Run()
}

// act sets z = a·x, images of the batch.
func (f *forward) act(g group.Group, a int, z, x []float32) {
	g.Act(z, x, a, f.images.N, f.images.H, f.images.W, f.images.C)
}

// A conditioner trains a network to use its own prediction (Chen, Zhang & Hinton, "Analog Bits", 2022): in every second step,
// by a coin, it is told what it predicts when told nothing, in the others nothing. No gradient goes through what it is told.
type conditioner struct {
	config  Config
	forward *forward
	output  []float32    // of the image under way
	denoise sde.Denoiser // its prediction of x₀
}

func newConditioner(c Config, u *nn.UNet) *conditioner {
	k := &conditioner{config: c, forward: newForward(c, u)}
	k.denoise = c.precondition(func(z, _ []float32, _ float64) error { copy(z, k.output); return nil }).Clamp(-1, 1)
	return k
}

// fill sets b.cond for a step.
func (k *conditioner) fill(b *batch, step int) error {
	clear(b.cond)
	if coins.stream(k.config.Seed, uint64(step)).Intn(2, 0) == 0 {
		return nil
	}
	k.forward.run(group.C1, 0, b)
	n := len(b.cond) / k.config.Batch
	for j, t := range b.times {
		k.output = k.forward.z[j*n : (j+1)*n]
		if err := k.denoise(b.cond[j*n:(j+1)*n], b.noisy[j*n:(j+1)*n], t); err != nil {
			return err
		}
	}
	return nil
}

// A regulariser draws a network towards equivariance (eq. 15–17 of the paper): the loss gets, times Config.Penalty,
//
//	mean of ( F_θ(x_t, t) − A⁻¹ F_θ̄(A x_t, t) )²
//
// where A is the action of one element of the group for all images of a step, any but the identity, each as likely, and θ̄ the
// running mean of the weights at rate 0.95. No gradient goes through F_θ̄, and it has no dropout. Classes and times are the
// same for both; what the network is conditioned on moves with x_t.
type regulariser struct {
	config  Config
	mean    []*nn.Param // θ̄
	forward *forward
}

func newRegulariser(c Config) (*regulariser, error) {
	u, err := nn.NewUNet(c.Network)
	if err != nil {
		return nil, err
	}
	return &regulariser{c, u.Params(), newForward(c, u)}, nil
}

// fill sets b.aligned for a step.
func (r *regulariser) fill(b *batch, step int, o *nn.Optimiser) {
	o.CopyAverage(r.mean, len(o.State().Averages)-1)
	g := r.config.Group
	a := r.element(step)
	r.forward.run(g, a, b)
	r.forward.act(g, g.Inverse(a), b.aligned, r.forward.z)
}

// element returns that of a step.
func (r *regulariser) element(step int) int {
	others := r.config.Group.Order() - 1
	if others == 0 {
		return 0
	}
	return 1 + elements.stream(r.config.Seed, uint64(step)).Intn(others, 0)
}
