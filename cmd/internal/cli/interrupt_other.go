//go:build !unix

package cli

import (
	"os"
	"syscall"
)

// interrupts are the signals that ask a command to end.
func interrupts() []os.Signal { return []os.Signal{os.Interrupt, syscall.SIGTERM} }

// broken reports whether a signal says that a pipe is broken: there is none of this sort.
func broken(os.Signal) bool { return false }
