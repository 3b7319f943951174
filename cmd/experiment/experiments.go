package main

import (
	"fmt"
	"slices"
	"strings"

	"spdiff/group"
)

// An experiment is data, and what the paper has of them.
type experiment struct {
	name, what string
	data       string // "": -data must say
	group      group.Group
	classes    int
	sizes      sizes
	flags      string // of every training
	diffusion  string // of those of diffusions
	paper      map[string]published
	cited      []cited
	note       string // on the paper's figures
}

// A published row is what the paper has of a model; none stands for what it has not.
type published struct {
	fid             []float64 // at each of the experiment's sizes
	inverse, deltax float64
}

const none = -1

// A cited row is what the paper has of a model by the words of others: nothing of ours stands beside it.
type cited struct {
	name string
	published
}

// starred says what the star of a cited row means.
const starred = " SP-GAN* are the figures that were published of it, of other features: they compare with no others."

// lysto is table 4 of the paper.
var lysto = map[string]published{
	"plain":  {[]float64{7.88}, 0.66, 0.0845},
	"wt":     {[]float64{12.75}, 0.59, 0.0002},
	"oc":     {[]float64{7.84}, 0.64, 0.0001},
	"reg":    {[]float64{6.66}, 0.60, 0.0762},
	"reg-oc": {[]float64{6.64}, 0.60, none},
	"spgan":  {[]float64{148.26}, 0.71, none},
}

// lystoCited is what else it has.
var lystoCited = []cited{{"SP-GAN*", published{[]float64{205}, none, none}}}

// experiments are those of section 6, with a second one for those who have no tissue.
var experiments = []experiment{
	{name: "rotmnist", what: "rotated MNIST: digits, each turned once by a random multiple of 90° (table 3)",
		data: "digits", group: group.C4, classes: 10, sizes: sizes{600, 3000, 6000, 60000}, flags: "-rotate", diffusion: "-preset digits-s",
		paper: map[string]published{
			"plain":  {[]float64{5.97, 3.05, 3.47, 2.81}, 2.21, 0.2997},
			"wt":     {[]float64{5.80, 3.34, 3.57, 3.50}, 2.20, 0.0004},
			"oc":     {[]float64{6.10, 3.09, 3.45, 2.82}, 2.12, 0.0002},
			"reg":    {[]float64{5.42, 3.69, 2.83, 2.75}, 2.09, 0.1806},
			"reg-oc": {[]float64{5.64, 3.67, 2.86, 2.64}, 2.07, 0.0002},
			"spgan":  {[]float64{16.59, 11.28, 9.02, 10.95}, 19.92, none},
		},
		cited: []cited{{"SP-GAN*", published{[]float64{149, 99, 88, 81}, none, none}}},
		note:  "The paper's figures are FID (Inception) of models trained for one to two days on four A40; SP-GAN's are its reproduction by the paper's authors." + starred},
	{name: "cells", what: "generated stained cells, which have no right way up",
		data: "cells", group: group.D4, classes: 3, sizes: sizes{0}, diffusion: "-preset cells", paper: lysto, cited: lystoCited,
		note: "The paper's figures are FID (Inception) of LYSTO, which is other data: compare the order of the models alone." + starred},
	{name: "lysto", what: "LYSTO: tissue, a random 64×64 piece of each image (table 4)",
		group: group.D4, classes: 3, sizes: sizes{0}, diffusion: "-preset cells", paper: lysto, cited: lystoCited,
		note: "The paper's figures are FID (Inception) of models trained for seven to ten days on four A40; SP-GAN's are its reproduction by the paper's authors." + starred},
}

func experimentOf(name string) (experiment, bool) {
	for _, e := range experiments {
		if e.name == name {
			return e, true
		}
	}
	return experiment{}, false
}

// listed lists the experiments, for -h and for errors.
func listed() string {
	var b strings.Builder
	for _, e := range experiments {
		fmt.Fprintf(&b, "  %-10s%s\n", e.name, e.what)
	}
	return b.String()
}

// published returns the paper's FID of a model at a size, none if there is none.
func (e experiment) published(key string, size int) float64 { return e.at(e.paper[key], size) }

// at returns the FID of a row of the paper at a size, none if there is none.
func (e experiment) at(p published, size int) float64 {
	if i := slices.Index(e.sizes, size); i >= 0 && i < len(p.fid) {
		return p.fid[i]
	}
	return none
}
