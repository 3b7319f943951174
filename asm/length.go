package asm

import "fmt"

// A LengthError reports slices whose lengths do not fit together. Kernels panic with it.
type LengthError struct {
	Kernel  string
	Lengths []int
}

// Error names the kernel and the lengths.
func (e *LengthError) Error() string {
	return fmt.Sprintf("asm: %s of lengths %v, which do not fit together", e.Kernel, e.Lengths)
}

func panicLength(kernel string, lengths ...int) {
	panic(&LengthError{kernel, lengths})
}
