package main

import (
	"strings"

	"spdiff"
)

// A model is a row of the tables.
type model struct {
	key, name string
	flags     string        // of the command train
	of        string        // the model whose network this one is, as another method
	as        spdiff.Method // which
}

// models are the rows, in the paper's order. Another one is a line.
var models = []model{
	{key: "plain", name: "SPDiff", flags: "-method plain"},
	{key: "wt", name: "SPDiff+WT", flags: "-method wt -kernel 3"}, // as in the paper's code
	{key: "oc", name: "SPDiff+OC", of: "plain", as: spdiff.OC},
	{key: "reg", name: "SPDiff+Reg", flags: "-method reg"},
	{key: "reg-oc", name: "SPDiff+Reg+OC", of: "reg", as: spdiff.RegOC},
	{key: "spgan", name: "SP-GAN", flags: "-gan spgan"},
	{key: "incomplete", name: "SP-GAN, incomplete", flags: "-gan incomplete"},
	{key: "gc", name: "SPDiff+GC (ours)", flags: "-method gc"},
	{key: "cf", name: "SPDiff+CF (ours)", flags: "-method cf"},
	{key: "gc-bf16", name: "SPDiff+GC, bf16 (ours)", flags: "-method gc -precision bf16"},
	{key: "cf-bf16", name: "SPDiff+CF, bf16 (ours)", flags: "-method cf -precision bf16"},
}

// modelOf returns the model of a key.
func modelOf(key string) (model, bool) {
	for _, m := range models {
		if m.key == key {
			return m, true
		}
	}
	return model{}, false
}

// isGAN reports whether the model is no diffusion.
func (m model) isGAN() bool { return strings.HasPrefix(m.flags, "-gan ") }

// exact reports whether what is drawn of the model is exactly as likely in all orientations.
func (m model) exact() bool { return m.key != "plain" && m.key != "reg" && m.key != "incomplete" }

// guarantees says, as table 2 of the paper, whether samples are exactly as likely in all orientations, and whether the path from a turned
// start, with noise that is turned too, is the turned path, which a GAN has not: yes, no, or a dash.
func (m model) guarantees() (samples, paths string) {
	samples = "no"
	if m.exact() {
		samples = "yes"
	}
	if m.isGAN() {
		return samples, "–"
	}
	return samples, samples
}

func keys() (all []string) {
	for _, m := range models {
		all = append(all, m.key)
	}
	return all
}
