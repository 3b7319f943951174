package main

import (
	"fmt"
	"slices"
	"strings"
)

// A variant is the model of the ablation with something more, or less.
type variant struct {
	key, name string
	flags     string    // of train, which come last
	timed     bool      // of trainings whose learning rate falls
	last      bool      // no training of its own: the last weights of the model's
	decay     bool      // -decay over as many steps as the model itself made
	classes   bool      // -classes
	guidance  []float64 // that it is drawn with, besides none
}

// follows reports whether it waits for the model itself, and is of its job.
func (v variant) follows() bool { return v.last || v.decay }

// guidances returns all that it is drawn with.
func (v variant) guidances() []float64 { return append([]float64{0}, v.guidance...) }

// variants are the rows of the ablation. Another one is a line.
var variants = []variant{
	{key: "raw", name: "without the mean of the weights (EMA)", last: true},
	{key: "fall", name: "without the fall of the learning rate", flags: "-fall 0", timed: true},
	{key: "decay", name: "with learning-rate decay to 0, all along", decay: true},
	{key: "condition", name: "with self-conditioning", flags: "-condition"},
	{key: "augmentation", name: "with EDM's augmentation, 0.12", flags: "-augmentation 0.12"},
	{key: "classes", name: "with classes, withheld from a tenth", flags: "-drop-class 0.1", classes: true, guidance: []float64{1, 3}},
}

func variantOf(key string) (variant, bool) {
	i := slices.IndexFunc(variants, func(v variant) bool { return v.key == key })
	if i < 0 {
		return variant{}, false
	}
	return variants[i], true
}

// ablation returns the jobs of a seed, but for what must wait for the model itself.
func (o *options) ablation(seed uint64) (jobs []job) {
	for _, v := range variants {
		if m, ok := modelOf(o.subject()); ok && !v.follows() && !(v.timed && !o.falls()) && slices.Contains(o.tables, "ablation") {
			jobs = append(jobs, job{o.changed(m, v, seed)})
		}
	}
	return jobs
}

// withVariants appends the variants that follow the first cell, if that is the model of the ablation.
func (o *options) withVariants(j job) job {
	base := j[0]
	if base.model.key != o.subject() || base.size != o.last() || !slices.Contains(o.tables, "ablation") {
		return j
	}
	for _, v := range variants {
		if v.follows() {
			c := o.changed(base.model, v, base.seed)
			c.of = base.folder
			j = append(j, c)
		}
	}
	return j
}

// changed returns the cell of a variant.
func (o *options) changed(m model, v variant, seed uint64) cell {
	c := cell{folder: folderOf(m.key, v.key, o.last(), seed), model: m, variant: v.key, size: o.last(), seed: seed}
	c.measures = []measure{o.whole()}
	if v.last {
		return c
	}
	c.flags = without(o.training(m, c.size, seed), "keep") // what it has kept would not be measured
	if v.decay || v.timed {
		c.flags = without(c.flags, "fall", "decay", "floor") // which are not said together, or alone
	}
	c.flags = append(c.flags, strings.Fields(v.flags)...)
	if v.classes {
		c.flags = append(c.flags, "-classes", fmt.Sprint(o.experiment.classes))
	}
	for _, w := range v.guidance {
		g := o.whole()
		g.name, g.guidance, g.full = fmt.Sprintf("guidance-%v", w), w, false
		c.measures = append(c.measures, g)
	}
	return c
}
