package train

import (
	"context"
	"fmt"

	"spdiff"
	"spdiff/cmd/internal/cli"
	"spdiff/cmd/internal/dataset"
	"spdiff/cmd/internal/plot"
	"spdiff/group"
	"spdiff/nn"
	"spdiff/tensor"
)

// A training is what a run needs of a trainer: of a diffusion's, or of a GAN's.
type training interface {
	Steps() int
	Step() (spdiff.Step, error)
	Checkpoint(folder string) error
	Wait()

	notes() map[string]string                                      // the trainer's own, never nil
	fall(from, to int) bool                                        // makes the learning rate fall between two steps, where it would not
	falls() bool                                                   // it can
	settings() []byte                                              // its configuration, as JSON
	model() sampler                                                // as it is
	saveModels(path string, warning func(error) error) (err error) // all that there are
	about() about
}

// A sampler is a model that draws images.
type sampler interface {
	spdiff.Generator
	Sample(ctx context.Context, s spdiff.Sampling) (*tensor.Tensor, error)
	Save(path string) error
}

// About is what a run says of its training.
type about struct {
	group           group.Group
	rotate, augment bool
	batch           int
	seed            uint64
	precision       spdiff.Precision
	model           string // in words
	warning         string // of it; "": none
	parameters      int64
	work            float64   // multiply-adds of a step, nominal
	state           float64   // bytes
	loss            plot.Axis // of its losses
}

// A diffusion is the training of one.
type diffusion struct{ *spdiff.Trainer }

func (d diffusion) notes() map[string]string { return notesOf(&d.Notes) }
func (d diffusion) fall(from, to int) bool   { return d.falls() && d.FallBetween(from, to) == nil }
func (d diffusion) falls() bool              { return d.Config().Rate.Total == 0 }
func (d diffusion) settings() []byte         { return d.Config().JSON() }
func (d diffusion) model() sampler           { return d.Model() }

func (d diffusion) saveModels(path string, warning func(error) error) error {
	for k := range d.Config().Optimiser.Averages {
		if err := warning(d.Average(k).Save(numbered(path, k))); err != nil {
			return err
		}
	}
	return nil
}

func (d diffusion) about() about {
	c := d.Config()
	n := c.Network.Parameters()
	conditioned := ""
	if c.Condition {
		conditioned = ", conditioned on its last prediction"
	}
	if c.DropClass > 0 {
		conditioned += fmt.Sprintf(", its class withheld with probability %v", c.DropClass)
	}
	if c.Augmentation > 0 {
		conditioned += fmt.Sprintf(", images moved with probability %v", c.Augmentation)
	}
	taps := ""
	if c.Network.Taps != nn.Square {
		taps = fmt.Sprintf(", %v kernels", c.Network.Taps)
	}
	return about{c.Group, c.Rotate, c.Augment == spdiff.On, c.Batch, c.Seed, c.Precision,
		fmt.Sprintf("U-Net, %s over %v%s, %.2f million parameters; predicts %v, %v schedule%s", c.Method, c.Group, taps, float64(n)/1e6, c.Predict, c.Schedule, conditioned),
		excess(c), n, 3 * float64(c.Batch) * float64(c.Network.MultiplyAdds()), float64(c.StateBytes()), plot.Axis{Label: "mean square error"}}
}

// An adversarial training is that of a GAN.
type adversarial struct{ *spdiff.GANTrainer }

func (a adversarial) notes() map[string]string { return notesOf(&a.Notes) }
func (a adversarial) fall(int, int) bool       { return false } // a game of two networks has no end to fall towards
func (a adversarial) falls() bool              { return false }
func (a adversarial) settings() []byte         { return a.Config().JSON() }
func (a adversarial) model() sampler           { return a.Model() }

func (a adversarial) saveModels(path string, warning func(error) error) error {
	return warning(a.Model().Save(path))
}

func (a adversarial) about() about {
	c := a.Config()
	generator, critic := c.Network.MultiplyAdds()
	update := float64(c.CriticSteps)*float64(generator+11*critic) + 3*float64(generator+critic)
	return about{c.Group, c.Rotate, c.Augment, c.Batch, c.Seed, c.Precision,
		fmt.Sprintf("GAN, %v over %v, %.2f + %.2f million parameters; %v loss, %d updates of the discriminator a step", c.Variant, c.Group,
			float64(c.Network.GeneratorParameters())/1e6, float64(c.Network.CriticParameters())/1e6, c.Loss.Kind, c.CriticSteps),
		"", c.Network.Parameters(), float64(c.Batch) * update, float64(c.StateBytes()),
		plot.Axis{Label: fmt.Sprintf("%v loss of the discriminator", c.Loss.Kind), Linear: true}} // a divergence may have either sign
}

func notesOf(notes *map[string]string) map[string]string {
	if *notes == nil {
		*notes = map[string]string{}
	}
	return *notes
}

// newTraining returns the training that the flags describe.
func (r *trainRun) newTraining(ctx context.Context, o *options) (training, error) {
	if o.gan == "" {
		c, err := o.config(r.source.Shape())
		if err != nil {
			return nil, r.remedied(o, err)
		}
		if err := r.checkClasses(c.Network.Classes); err != nil {
			return nil, err
		}
		c.ClassNames = r.classNames(c.Network.Classes)
		return cli.Await(ctx, func() (training, error) {
			t, err := spdiff.NewTrainer(c, r.source)
			return diffusion{t}, err
		})
	}
	c, err := o.ganConfig(r.source.Shape())
	if err != nil {
		return nil, r.remedied(o, err)
	}
	if err := r.checkClasses(c.Network.Classes); err != nil {
		return nil, err
	}
	c.ClassNames = r.classNames(c.Network.Classes)
	return cli.Await(ctx, func() (training, error) {
		t, err := spdiff.NewGANTrainer(c, r.source)
		return adversarial{t}, err
	})
}

// classNames returns the names that so many classes have in the images: "" for those that have none there, nil where none has one.
func (r *trainRun) classNames(classes int) []string {
	known := dataset.ClassNames(r.opened)
	if classes == 0 || known == nil {
		return nil
	}
	names := make([]string, classes)
	copy(names, known)
	return names
}

// resumed returns the training of the newest state in the folder that is whole, until so many steps are done, on other images than
// its own where that is said.
func (r *trainRun) resumed(steps int, newData bool) (t training, damaged []*spdiff.DamagedError, err error) {
	if r.spec.GAN {
		read := spdiff.ResumeLastGAN
		if newData {
			read = spdiff.ResumeLastGANOn
		}
		a, damaged, err := read(r.folder, r.source, steps)
		return adversarial{a}, damaged, err
	}
	read := spdiff.ResumeLast
	if newData {
		read = spdiff.ResumeLastOn
	}
	d, damaged, err := read(r.folder, r.source, steps)
	return diffusion{d}, damaged, err
}
