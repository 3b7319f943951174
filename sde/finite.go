package sde

import (
	"fmt"
	"math"
)

// A NotFiniteError says where a solution met a NaN or an infinity.
type NotFiniteError struct {
	What  string  // "the start", "the denoiser's output", "the product's output", "the state" or "the generator's output"
	Value float32 // the number
	Image int     // the number of the image, as given to the Sampler
	Index int     // where in the image
	Step  int     // the step, from 0
	Time  float64 // its start
}

// Error says which number of which image at which step, and the likely cause.
func (e *NotFiniteError) Error() string {
	hint := "the network's weights or input may be broken"
	switch e.What {
	case "the state":
		hint = "the step is too long for the solver at this time: take more steps, or another solver"
	case "the start":
		hint = "the images that the solution starts from are broken"
	}
	return fmt.Sprintf("sde: %s has a %v at index %d of image %d, step %d (t = %.4g): %s",
		e.What, e.Value, e.Index, e.Image, e.Step, e.Time, hint)
}

// notFinite returns the index of the first NaN or infinity in x, or −1.
func notFinite(x []float32) int {
	const exponent = 0xff << 23
	for i, v := range x {
		if math.Float32bits(v)&exponent == exponent {
			return i
		}
	}
	return -1
}
