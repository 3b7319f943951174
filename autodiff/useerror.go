package autodiff

import "fmt"

// A UseError is the panic value of a program or workspace that is used in a way it does not allow.
type UseError struct {
	Func   string // the function that was called
	Reason string // what does not go, and what would
}

// Error names the function and the reason.
func (e *UseError) Error() string { return fmt.Sprintf("autodiff: %s: %s", e.Func, e.Reason) }
