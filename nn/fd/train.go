package fd

import (
	"context"
	"fmt"

	"spdiff/autodiff"
	"spdiff/nn"
	"spdiff/tensor"
	"spdiff/tensor/safetensors"
)

// Images are what a network is trained on: pixels in [−1, 1], NHWC. Image is called for several images at once.
type Images interface {
	Len() int
	Shape() (h, w, c int)
	Image(dst []float32, i int) (class int, err error)
}

// A Training says how a network is trained. With the images, it is all that decides the weights.
type Training struct {
	Seed  uint64
	Batch int
	Steps int
	Rate  float64 // the highest learning rate: it rises for a twentieth of the steps, then falls to 0 as a cosine
}

// DigitsTraining is the training that the digits' weights come from: 5 epochs of MNIST.
func DigitsTraining() Training { return Training{Seed: 1, Batch: 64, Steps: 4_690, Rate: 3e-3} }

// A ShapeError says that a network cannot be trained on such images.
type ShapeError struct {
	Got, Want [3]int // height, width, channels
}

// Error says what the images are and what they should be.
func (e *ShapeError) Error() string {
	return fmt.Sprintf("fd: the images are %d×%d×%d; the network is of %d×%d×%d", e.Got[0], e.Got[1], e.Got[2], e.Want[0], e.Want[1], e.Want[2])
}

// TrainDigits trains the digits' network on images 28×28×1 of classes 0 to 9, all upright, and returns its weights. After each step
// it calls each, which may be nil, with the number of steps done and the loss. It returns a *ShapeError, the error of an image,
// a *nn.GradientError, or that of tensor.Stopped.
func TrainDigits(ctx context.Context, images Images, t Training, each func(step int, loss float64)) (*safetensors.File, error) {
	d := newDigitNet()
	x := autodiff.Input("images", t.Batch, digitSide, digitSide, 1)
	y := autodiff.Input("classes", t.Batch, digitClasses)
	_, class, turned := d.apply(x)
	upright := autodiff.Concat(y, autodiff.Zeros(t.Batch, 3*digitClasses)) // the first plane is the identity's
	loss := autodiff.Add(crossEntropy(class, y), crossEntropy(turned, upright))
	if err := train(ctx, task{params: d.params(), x: x, y: y, loss: loss}, images, t, each); err != nil {
		return nil, err
	}
	return weights(d.params()), nil
}

// A task is the graph of a training: y, which may be nil, has a 1 at the class of each image.
type task struct {
	params     []*nn.Param
	x, y, loss *autodiff.Node
}

// train sets the parameters.
func train(ctx context.Context, k task, images Images, t Training, each func(int, float64)) error {
	if err := fits(images, k.x.Shape()); err != nil {
		return err
	}
	var nodes []*autodiff.Node
	for _, p := range k.params {
		p.Init(t.Seed)
		nodes = append(nodes, p.Node())
	}
	gradients := autodiff.Grad(k.loss, nodes...)
	w := autodiff.CompileStep(append(gradients[:len(gradients):len(gradients)], k.loss)...).NewWorkspace()
	w.Prepare()
	var grads [][]float32
	for _, g := range gradients {
		grads = append(grads, w.Output(g))
	}
	o := nn.NewOptimiser(nn.OptimiserConfig{Rule: nn.AdamW(), Clip: 1}, k.params, grads)
	rate := nn.LearningRate{Rate: t.Rate, Warmup: max(t.Steps/20, 1), Total: t.Steps}
	b := newBatch(k, w, images, t)
	for step := range t.Steps {
		if err := tensor.Stopped(ctx); err != nil {
			return fmt.Errorf("fd: %d of %d steps are done: %w", step, t.Steps, err)
		}
		if err := b.fill(step); err != nil {
			return err
		}
		w.Run()
		if _, err := o.Step(rate.At(step)); err != nil {
			return err
		}
		if each != nil {
			each(step+1, float64(w.Output(k.loss)[0]))
		}
	}
	return nil
}

// fits checks that images have the shape of those of x.
func fits(images Images, x tensor.Shape) error {
	h, w, c := images.Shape()
	if got, want := [3]int{h, w, c}, [3]int(x[1:]); got != want {
		return &ShapeError{got, want}
	}
	if images.Len() < 1 {
		return fmt.Errorf("fd: there are no images to train on")
	}
	return nil
}

// A batch fills the inputs of a step. Draw d = step·batch + place shows image d mod n of a permutation, a new one each epoch.
type batch struct {
	images  Images
	x, y    []float32
	size    int
	classes int
	seed    uint64
	epoch   int // of order
	order   []int
	errs    []error
	draws   []int
	task    tensor.Task
}

func newBatch(k task, w *autodiff.Workspace, images Images, t Training) *batch {
	b := &batch{images: images, x: w.Input(k.x), size: t.Batch, seed: t.Seed, epoch: -1,
		errs: make([]error, t.Batch), draws: make([]int, t.Batch)}
	if k.y != nil {
		b.y, b.classes = w.Input(k.y), k.y.Shape()[1]
	}
	b.task = tensor.Task{N: t.Batch, Do: b.draw}
	return b
}

// fill draws the images of a step. Its error is that of the first image that has one.
func (b *batch) fill(step int) error {
	n := b.images.Len()
	for i := range b.draws {
		d := step*b.size + i
		if d/n != b.epoch {
			b.epoch = d / n
			b.order = tensor.NewStream(b.seed, uint64(b.epoch)).Perm(n)
		}
		b.draws[i] = b.order[d%n]
	}
	tensor.Run(b.task)
	for _, err := range b.errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// draw reads the image in place i.
func (b *batch) draw(i, _ int) {
	len1 := len(b.x) / b.size
	class, err := b.images.Image(b.x[i*len1:(i+1)*len1], b.draws[i])
	if b.errs[i] = err; err != nil || b.y == nil {
		return
	}
	y := b.y[i*b.classes : (i+1)*b.classes]
	clear(y)
	if class < 0 || class >= b.classes {
		b.errs[i] = fmt.Errorf("fd: image %d is of class %d; there are 0 to %d", b.draws[i], class, b.classes-1)
		return
	}
	y[class] = 1
}
