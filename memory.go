package spdiff

import (
	"fmt"

	"spdiff/nn"
)

// A MemoryError says that something needs more memory than this process may have. It is found before the memory is taken, so that
// a file or a flag with absurd sizes is an error and not the end of the process. On Linux it knows the machine's memory and the process's
// limits; elsewhere absurd sizes alone are found.
type MemoryError struct {
	What       string  // what needs it, and what would make it less
	Need, Have float64 // bytes
}

// Error says what needs how much.
func (e *MemoryError) Error() string {
	const gib = 1 << 30
	return fmt.Sprintf("memory: %s needs %.3g GiB; this process may have %.3g", e.What, e.Need/gib, e.Have/gib)
}

// memory returns the bytes of memory that this process may have; tests say that they are fewer.
var memory = processMemory

// enough returns a *MemoryError if this number of float32 values is more than this process may have. It takes a float64 since
// the product of hostile sizes does not fit an int.
func enough(numbers float64, what string, a ...any) error {
	if need, have := 4*numbers, memory(); need > have {
		return &MemoryError{fmt.Sprintf(what, a...), need, have}
	}
	return nil
}

// roomForImages returns a *MemoryError if there is no room even for the first feature map of n images. It is asked before a
// graph is built, for that has tables of all pixels.
func roomForImages(c nn.UNetConfig, n int) error {
	pixels := float64(n) * float64(c.ImageHeight) * float64(c.ImageWidth)
	return enough(pixels*float64(c.In+c.Width*c.Mult[0]), "a feature map of %d images of %d×%d pixels", n, c.ImageHeight, c.ImageWidth)
}
