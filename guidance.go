package spdiff

import (
	"fmt"
)

// Guidance without a classifier (Ho & Salimans, "Classifier-Free Diffusion Guidance", 2022). Training withholds the class of a draw
// with probability Config.DropClass: the network is told one more class instead, that of none. Drawing evaluates the network for
// both, and moves from the prediction without a class past the one with it: see [Reversal].Guidance.

// told returns the class that the network is told at a draw of an image of class k.
func (c Config) told(k int, draw uint64) int {
	if c.DropClass == 0 {
		return k
	}
	var u [1]float32
	if withheld.stream(c.Seed, draw).Uniform(u[:], 0); float64(u[0]) < c.DropClass {
		return c.Network.Classes
	}
	return k
}

// maxGuidance bounds w: far beyond what makes images.
const maxGuidance = 1e3

// checkGuidance returns an error unless a model of c can be guided by w.
func (c Config) checkGuidance(w float64) error {
	if !(w >= -1 && w <= maxGuidance) {
		return &SettingError{Field: "Guidance", Value: w, Reason: fmt.Sprintf("it must be from -1, which is no class, to %v", maxGuidance)}
	}
	if w != 0 && !c.Network.NoClass {
		return &SettingError{Field: "Guidance", Value: w, Reason: "the model was never trained without a class; give 0, or train one with DropClass (train -drop-class 0.1)"}
	}
	return nil
}

// guide sets z = none + (1+w)·(z − none), number by number, so that it commutes with every group.
func guide(z, none []float32, w float64) {
	further := float32(1 + w)
	for i, v := range none {
		z[i] = v + float32(further*float32(z[i]-v))
	}
}

// guided sets z to D of the images in a room, guided. No class at all takes one evaluation.
func (e *evaluator) guided(z []float32, r *room, t float64) error {
	if e.guidance == -1 {
		return e.unclassed(z, r, t)
	}
	if len(r.none) != len(z) {
		r.none = make([]float32, len(z))
	}
	if err := e.unclassed(r.none, r, t); err != nil {
		return err
	}
	if err := r.network(z, r.inputs, t); err != nil {
		return err
	}
	guide(z, r.none, e.guidance)
	return nil
}

// unclassed sets z to D of the images in a room, of which no class is told.
func (e *evaluator) unclassed(z []float32, r *room, t float64) error {
	classes := append(r.classes[:0], r.class...)
	r.classes = classes
	for i := range r.class {
		r.class[i] = float32(e.model.config.Network.Classes)
	}
	err := r.network(z, r.inputs, t)
	copy(r.class, classes)
	return err
}
