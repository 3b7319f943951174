//go:build unix

package cli

import (
	"os"
	"syscall"
)

// interrupts are the signals that ask a command to end: Ctrl-C, kill, a terminal that is closed, a pipe that nobody reads any more.
func interrupts() []os.Signal {
	return []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE}
}

// broken reports whether a signal says that a pipe is broken.
func broken(s os.Signal) bool { return s == syscall.SIGPIPE }
