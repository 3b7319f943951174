package train

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"spdiff"
	"spdiff/cmd/internal/dataset"
	"spdiff/nn"
)

// A Progress is how far a run is.
type Progress struct {
	Steps int // of its newest state
	Batch int // images a step
	Falls int // the step at which its learning rate, which falls or has just fallen, is 0; 0: it does not fall
	log   []entry
}

var stateName = regexp.MustCompile(`^state-(\d+)\.safetensors$`)

// Look returns how far the run in a folder is. Where there is no state to go on from, the error is os.ErrNotExist.
func Look(folder string) (p Progress, err error) {
	states, err := spdiff.Checkpoints(folder)
	if err == nil && len(states) == 0 {
		err = fmt.Errorf("%s: there is no state: %w", folder, os.ErrNotExist)
	}
	if err != nil {
		return p, err
	}
	if p.Steps, err = strconv.Atoi(stateName.FindStringSubmatch(filepath.Base(states[0]))[1]); err != nil {
		return p, err
	}
	if err := p.readConfig(filepath.Join(folder, configFile)); err != nil {
		return p, err
	}
	log, err1 := lookInto(filepath.Join(folder, logFile), parseLine)
	table, err2 := lookInto(filepath.Join(folder, csvFile), rows())
	p.log = upTo(p.Steps, union(log.entries, table.entries))
	return p, cmp.Or(err1, err2)
}

// readConfig reads what a configuration, of a diffusion or of a GAN, says.
func (p *Progress) readConfig(path string) error {
	var c struct {
		Batch int
		Rate  nn.LearningRate
	}
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, &c)
	}
	p.Batch = c.Batch
	for _, f := range c.Rate.Falls {
		if f.From <= p.Steps && p.Steps <= f.To {
			p.Falls = f.To
		}
	}
	return err
}

// Seconds returns how long the run had trained when a step was done, on a straight line between those that are logged.
func (p Progress) Seconds(step int) float64 {
	var before entry
	for _, e := range p.log {
		if e.Step > step {
			return before.Seconds + (e.Seconds-before.Seconds)*float64(step-before.Step)/float64(e.Step-before.Step)
		}
		before = e
	}
	return before.Seconds
}

// A Description is what a run of some arguments would be.
type Description struct {
	Model      string // in words
	Warning    string // of it; "": none
	Parameters int64
	StateBytes float64
	Batch      int
	Step       time.Duration // the faster of two, made now
	Generator  spdiff.Generator
}

// Describe makes the trainer of a new run, in memory alone, and three steps that are thrown away.
func Describe(ctx context.Context, args []string) (d Description, err error) {
	o, err := parse(args)
	if err != nil {
		return d, err
	}
	r := newRun(o)
	defer r.close()
	if err := r.prepare(ctx, o); err != nil {
		return d, err
	}
	if d.Step, err = r.timeSteps(ctx); err != nil {
		return d, err
	}
	a := r.trainer.about()
	d.Model, d.Warning, d.Parameters, d.StateBytes, d.Batch, d.Generator = a.model, a.warning, a.parameters, a.state, a.batch, r.trainer.model()
	return d, nil
}

// Check returns an error if a run of these arguments could not begin on such images: their shape or their classes do not fit.
func Check(args []string, images spdiff.Source) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	classes, err := o.classesOf(images.Shape())
	if err == nil {
		_, err = dataset.CheckClasses(images, classes, o.limit)
	}
	return err
}

// classesOf returns how many classes the network that the flags describe has, for images of a shape.
func (o *options) classesOf(h, w, channels int) (int, error) {
	if o.gan != "" {
		c, err := o.ganConfig(h, w, channels)
		return c.Network.Classes, err
	}
	c, err := o.config(h, w, channels)
	return c.Network.Classes, err
}
