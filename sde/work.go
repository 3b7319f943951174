package sde

import (
	"spdiff/asm"
	"spdiff/tensor"
)

// work is the arithmetic of a Run: tasks of one piece an image, made once, so that steps allocate nothing; what they work on
// stands in the other fields.
type work struct {
	sum, draw, check tensor.Task

	z      []float32 // the result of sum and draw, the subject of check
	terms  [8]Term
	n      int   // terms
	number int   // of the draw
	bad    []int // where each image has its first number that is not finite; −1: nowhere

	eps []float32 // of AddNoise, made when it is first needed
}

func (r *Run) makeWork() {
	w := &r.work
	w.bad = make([]int, len(r.images))
	w.sum = r.Each(func(k int) {
		z := r.Image(w.z, k)
		for i, t := range w.terms[:w.n] {
			switch x := r.Image(t.X, k); {
			case i > 0:
				asm.AddScaled(z, float32(t.A), x, z)
			case t.A != 1 || &z[0] != &x[0]:
				asm.Scale(z, float32(t.A), x)
			}
		}
	})
	w.draw = r.Each(func(k int) { r.noise(r.Image(w.z, k), r.images[k], w.number) })
	w.check = r.Each(func(k int) { w.bad[k] = notFinite(r.Image(w.z, k)) })
}
