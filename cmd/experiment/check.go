package main

import (
	"strconv"

	"spdiff"
	"spdiff/cmd/internal/cli"
	"spdiff/cmd/internal/dataset"
	"spdiff/cmd/internal/solvers"
	"spdiff/cmd/internal/train"
	"spdiff/nn"
)

// checkTrainings returns an error if one of the trainings could not begin, or its model not be measured.
func (l *lab) checkTrainings() error {
	for _, j := range l.jobs() {
		for _, t := range j {
			if t.flags == nil {
				continue
			}
			if err := t.check(l.images); err != nil {
				return err
			}
			if err := l.checkMeasures(t); err != nil {
				return err
			}
		}
	}
	return nil
}

// check returns an error if a cell's training could not begin on such images.
func (t cell) check(images spdiff.Source) error {
	err := train.Check(t.flags, images)
	if err == nil {
		return nil
	}
	more := "those that are yours are in -diffusion"
	switch {
	case t.model.isGAN():
		more = "those that are yours are in -gan"
	case t.variant != "":
		more = "to leave out what is made for the table, name the others by -tables"
	}
	return cli.Usagef("the training %s: %w; its flags are %v: %s", t.folder, err, t.flags, more)
}

// checkMeasures returns an error if what a training makes could not be denoised or drawn as the experiment's settings say.
func (l *lab) checkMeasures(t cell) error {
	if t.model.isGAN() {
		return nil
	}
	if l.Restore > 0 && classesOf(t.flags) > 0 && dataset.Unlabelled(l.reference.Source) {
		return cli.Usagef("-reference %s: its images have no labels, and the model of %s, which has classes, is to denoise some for Δx₀: "+
			"name images with labels, give -restore 0, or leave out what has classes, by -tables and -diffusion", l.Reference, t.folder)
	}
	s, err := solvers.Find(solvers.All, l.Solver)
	if err == nil && ownSteps(s) && conditioned(t.flags) {
		return cli.Usagef("-solver %s: it has steps of its own for each image, and the network of %s is conditioned on its last prediction: "+
			"name another solver, or leave out what has -condition, by -tables and -diffusion", l.Solver, t.folder)
	}
	return err
}

// classesOf returns how many classes the diffusion of a training has: as -classes says, else its preset's.
func classesOf(flags []string) int {
	if text, ok := valueOf(flags, "classes"); ok {
		n, _ := strconv.ParseInt(text, 0, 0) // train has read it
		return int(n)
	}
	preset, _ := valueOf(flags, "preset")
	network, _ := nn.Preset(preset)
	return network.Classes
}
