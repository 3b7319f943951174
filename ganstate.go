package spdiff

import (
	"fmt"
	"strconv"

	"spdiff/nn"
	"spdiff/tensor/safetensors"
)

// The parts of the state of a GAN's training.
const (
	generatorPart = "generator"
	criticPart    = "critic"
)

// Save writes the state of the training to a file, as [Trainer.Save] does. To keep the last good state it saves nothing, but returns
// the step's error after a step that diverged, and a *CollapsedError while the training has looked collapsed for a hundred steps
// or more.
func (t *GANTrainer) Save(path string) error {
	switch {
	case t.failure != nil:
		return t.failure
	case t.watch.worst != nil:
		return t.watch.worst
	}
	if err := t.state().save(path); err != nil {
		return fmt.Errorf("state: %w", err)
	}
	return nil
}

// Checkpoint saves the state into a folder, as [Trainer.Checkpoint] does.
func (t *GANTrainer) Checkpoint(folder string) error { return checkpoint(folder, t.Steps(), t.Save) }

// state returns the state, whose numbers are the trainer's own.
func (t *GANTrainer) state() *state {
	metadata := t.config.metadata(KindGANState)
	metadata[imagesKey] = strconv.Itoa(t.feed.reader.epochs.n)
	metadata[stepsKey] = strconv.Itoa(t.Steps()) // the generator's, for readers that know no parts
	metadata[watchKey] = t.watch.String()
	s := newState(metadata, t.Notes)
	for _, p := range []struct {
		name      string
		layer     nn.Layer
		optimiser *nn.Optimiser
	}{{generatorPart, t.generator, t.optimiser}, {criticPart, t.critic, t.criticOptimiser}} {
		s.add(p.name, p.layer.Params(), p.optimiser)
		for _, b := range nn.Buffers(p.layer) {
			s.addBuffer(p.name, b.Name, b.Value.Data())
		}
	}
	return s
}

// StateBytes returns the size in bytes of the numbers in a training's state, without buffers; 0 if c is not valid.
func (c GANConfig) StateBytes() int64 {
	if c.Validate() != nil {
		return 0
	}
	return 12 * c.Resolved().Network.Parameters()
}

// ResumeGAN continues a training from a state that [GANTrainer.Save] wrote, as [Resume] does: the steps that follow have the same bits
// as if it had never been interrupted.
func ResumeGAN(path string, s Source, steps int) (*GANTrainer, error) {
	return resumed[*GANTrainer](path, s, steps, resumeGANFile)
}

// ResumeGANOn continues a training on other images, as [ResumeOn] does.
func ResumeGANOn(path string, s Source, steps int) (*GANTrainer, error) {
	return resumed(path, s, steps, onOthers[*GANTrainer](resumeGANFile))
}

// LoadGANState returns the model of a state that [GANTrainer.Save] wrote.
func LoadGANState(path string) (*GAN, error) {
	f, err := safetensors.ReadSealed(path)
	if err != nil {
		return nil, fmt.Errorf("state: %w", err)
	}
	m, err := ganOfState(f)
	if err != nil {
		return nil, fmt.Errorf("state: %s: %w", path, err)
	}
	return m, nil
}

func ganOfState(f *safetensors.File) (*GAN, error) {
	c, _, err := ganStateConfig(f)
	if err != nil {
		return nil, err
	}
	g, err := nn.NewGenerator(c.Network)
	if err != nil {
		return nil, err
	}
	s := newState(nil, nil)
	for _, p := range g.Params() {
		s.addArray(generatorPart, "weight/"+p.Name, p.Value.Data())
	}
	for _, b := range g.Buffers() {
		s.addBuffer(generatorPart, b.Name, b.Value.Data())
	}
	return &GAN{config: c, network: g}, s.restore(f, MaxSteps)
}

// ResumeLastGAN continues a training from the newest checkpoint in a folder that is whole, as [ResumeLast] does.
func ResumeLastGAN(folder string, s Source, steps int) (t *GANTrainer, damaged []*DamagedError, err error) {
	return newestWhole[*GANTrainer](folder, s, steps, resumeGANFile)
}

// ResumeLastGANOn is [ResumeLastGAN] with other images, as [ResumeGANOn] is [ResumeGAN] with other images.
func ResumeLastGANOn(folder string, s Source, steps int) (t *GANTrainer, damaged []*DamagedError, err error) {
	return newestWhole[*GANTrainer](folder, s, steps, onOthers[*GANTrainer](resumeGANFile))
}

// resumeGANFile is the resumer of a GAN.
func resumeGANFile(f *safetensors.File, path string, s Source, steps int) (*GANTrainer, error) {
	t, err := resumeGAN(f, s, steps)
	if err != nil {
		return nil, fmt.Errorf("state: %s: %w", path, err)
	}
	return t, nil
}

func resumeGAN(f *safetensors.File, s Source, steps int) (*GANTrainer, error) {
	c, done, err := ganStateConfig(f)
	if err != nil {
		return nil, err
	}
	most := c.maxSteps() * c.CriticSteps // fits an int, as the draws of so many do
	if critic, err := stepsOf(f, in(criticPart, stepsKey), most); err != nil || critic != done*c.CriticSteps {
		return nil, fmt.Errorf("its discriminator has done %d steps, not %d for each of %d of the generator; it is damaged", critic, c.CriticSteps, done)
	}
	if err := sameNumber(f, s); err != nil {
		return nil, err
	}
	c.Steps = steps
	t, err := NewGANTrainer(c, s)
	if err != nil {
		return nil, err
	}
	t.Notes = notesOf(f)
	if err := t.watch.parse(f.Metadata[watchKey]); err != nil {
		return nil, err
	}
	return t, t.state().restore(f, most)
}

// ganStateConfig returns the configuration of a state, and the steps that are done, before memory is taken for it: what it claims must
// be there.
func ganStateConfig(f *safetensors.File) (c GANConfig, steps int, err error) {
	if kind := kindOf(f.Metadata); kind != KindGANState {
		return c, 0, &FileError{fmt.Sprintf("of kind %.40q, not the state of a GAN's training", kind), "Resume and LoadState take that of a diffusion"}
	}
	if c, err = configOf[GANConfig](f.Metadata); err != nil {
		return c, 0, err
	}
	if steps, err = stepsOf(f, in(generatorPart, stepsKey), c.maxSteps()); err != nil {
		return c, 0, err
	}
	if got, want := numbers(f), 3*c.Network.Parameters(); int64(got) < want {
		return c, 0, fmt.Errorf("there are %d numbers, and its configuration describes %d; this is no state of a training, or it is damaged", got, want)
	}
	return c, steps, nil
}
