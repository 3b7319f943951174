package main

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"spdiff/cmd/internal/solvers"
)

// A cell is a model of a size and a seed: a folder of its own, the run of a training or the network of another cell's.
type cell struct {
	folder   string // within the experiment's, with slashes
	model    model
	variant  string // of the ablation; "": the model as it is
	size     int
	seed     uint64
	flags    []string // of train; nil: the weights are of another cell's training
	of       string   // the folder of that cell, or that of the cell which says how long a decay is
	measures []measure
	minutes  bool // the kept models are measured too
}

// A measure is something that is measured of a cell's model; its name is that of its file.
type measure struct {
	name        string
	samples     int
	solver      string
	evaluations int
	guidance    float64
	full        bool // with Inv-FID, Δx₀, orientations and pictures
	flow        bool // the solver brings no new noise: the probability flow
}

// named returns the solver as records name it.
func (m measure) named() string {
	if m.flow {
		return m.solver + "-flow"
	}
	return m.solver
}

// A job is a training and what has its network: what one process does.
type job []cell

// whole is the name of the measure that the tables are of.
const whole = "whole"

// jobs returns all of them, those of the first seed first.
func (o *options) jobs() (all []job) {
	for s := range o.seeds {
		seed := o.seed + uint64(s)
		for _, size := range o.sizes {
			for _, m := range models {
				if j := o.job(m, size, seed); j != nil {
					all = append(all, j)
				}
			}
		}
		all = append(all, o.ablation(seed)...)
	}
	return all
}

// job returns a model's training with what has its network, nil if none of them is wanted.
func (o *options) job(m model, size int, seed uint64) (j job) {
	if m.of != "" {
		return nil
	}
	base := o.cell(m, size, seed)
	base.flags = o.training(m, size, seed)
	j = job{base}
	for _, d := range models {
		if d.of == m.key && slices.Contains(o.models, d.key) {
			c := o.cell(d, size, seed)
			c.of = base.folder
			j = append(j, c)
		}
	}
	if slices.Contains(o.models, m.key) {
		return o.withVariants(j)
	}
	if j[0].measures, j[0].minutes = nil, false; len(j) == 1 {
		return nil
	}
	return j
}

// folderOf returns the folder of the cell of a model, or of a variant of it.
func folderOf(key, variant string, size int, seed uint64) string {
	if variant != "" {
		key += "-" + variant
	}
	return path.Join(sizeName(size), fmt.Sprintf("%s-%d", key, seed))
}

// cell returns the cell of a model, with what is measured of it.
func (o *options) cell(m model, size int, seed uint64) cell {
	c := cell{folder: folderOf(m.key, "", size, seed), model: m, size: size, seed: seed}
	c.measures = []measure{o.whole()}
	if seed == o.seed && size == o.last() {
		c.minutes = slices.Contains(o.tables, "minutes")
		if m.key == o.subject() && slices.Contains(o.tables, "solvers") {
			c.measures = append(c.measures, o.curve(o.training(m, size, seed))...)
		}
	}
	return c
}

func (o *options) whole() measure {
	return measure{name: whole, samples: o.Samples, solver: o.Solver, evaluations: o.Evaluations, full: true}
}

// point is of the curve over minutes.
func (o *options) point(step int) measure {
	return measure{name: fmt.Sprintf("step-%09d", step), samples: o.CurveSamples, solver: o.Solver, evaluations: o.Evaluations}
}

// curve is every solver at so many evaluations, and without new noise too where it can be either. The flags are those of the training.
func (o *options) curve(flags []string) (all []measure) {
	for _, s := range solvers.All {
		for _, n := range []int{5, 10, 20, 50, 100} {
			if ownSteps(s) && (n != 50 || conditioned(flags)) { // it takes as many as its tolerance wants
				continue
			}
			all = append(all, o.at(n, s.Name, false))
			if s.Both {
				all = append(all, o.at(n, s.Name, true))
			}
		}
	}
	return all
}

// ownSteps reports whether each image has steps of its own, as many as the solver's tolerance wants: a network that is conditioned on its
// last prediction cannot be drawn by it.
func ownSteps(s solvers.Solver) bool { return s.Make(solvers.Default()).Traits().OwnSteps }

// conditioned reports whether the network of a training is conditioned on its last prediction.
func conditioned(flags []string) bool {
	text, ok := valueOf(flags, "condition")
	is, err := strconv.ParseBool(text)
	return ok && (text == "" || err == nil && is)
}

// at is a point of the curve over evaluations.
func (o *options) at(n int, solver string, flow bool) measure {
	m := measure{samples: o.CurveSamples, solver: solver, evaluations: n, flow: flow}
	m.name = fmt.Sprintf("%s-%d", m.named(), n)
	return m
}

// last is the size of the curves and the ablation.
func (o *options) last() int { return o.sizes[len(o.sizes)-1] }

// subjects are the models that have the curve over evaluations and the ablation, the first of them that is wanted.
var subjects = []string{"gc", "wt", "cf", "plain", "reg"}

// subject is the model of the curve over evaluations and of the ablation; "" where there is none.
func (o *options) subject() string {
	for _, key := range subjects {
		if slices.Contains(o.models, key) {
			return key
		}
	}
	return ""
}

// training returns the flags of a model's training.
func (o *options) training(m model, size int, seed uint64) []string {
	f := []string{"-data", o.Data, "-group", o.experiment.group.Name()}
	if size > 0 {
		f = append(f, "-limit", strconv.Itoa(size))
	}
	f = append(f, strings.Fields(o.experiment.flags)...)
	own, more := o.experiment.diffusion, o.Diffusion
	if o.Steps == 0 && o.falls() {
		own += " -fall 0.2" // train's own, said so that a training that was stopped knows; what -diffusion says comes after
	}
	if m.isGAN() {
		own, more = "", o.GAN
	}
	f = append(append(f, strings.Fields(own)...), strings.Fields(m.flags)...)
	f = append(append(f, strings.Fields(more)...), "-seed", strconv.FormatUint(seed, 10))
	if slices.Contains(o.tables, "minutes") && seed == o.seed && size == o.last() {
		f = append(f, "-keep", "1")
	}
	return append(f, o.length()...)
}

// falls reports whether the learning rate falls at the end: as -diffusion says, else by minutes, but not where it decays all along.
func (o *options) falls() bool {
	given := strings.Fields(o.Diffusion)
	if share, ok := valueOf(given, "fall"); ok {
		v, err := strconv.ParseFloat(share, 64)
		return err == nil && v > 0
	}
	_, decays := valueOf(given, "decay")
	return o.Steps == 0 && !decays
}
