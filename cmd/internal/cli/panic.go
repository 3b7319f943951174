package cli

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"

	"spdiff"
)

// debugVariable is the variable of the environment that asks for the trace of a panic.
const debugVariable = "SPDIFF_DEBUG"

// A PanicError is a panic of a command: a mistake of the program, and not of who called it.
type PanicError struct {
	Value any    // of the panic
	Where string // the function that panicked
	Trace []byte
}

// Error says in one line what happened, and what to report.
func (e *PanicError) Error() string {
	return fmt.Sprintf("a mistake of this program, please report it with the command line: %s, in %s (spdiff %s, %s/%s); with %s=1 it prints the trace",
		strings.Join(strings.Fields(fmt.Sprint(e.Value)), " "), e.Where, spdiff.Version, runtime.GOOS, runtime.GOARCH, debugVariable)
}

// caught returns the panic that recover gave, found where it happened. It is called by what is deferred.
func caught(p any) *PanicError {
	if e, ok := p.(*PanicError); ok { // of another goroutine
		return e
	}
	return &PanicError{p, culprit(), debug.Stack()}
}

// protect returns what f returns, or a *PanicError where it panics.
func protect(f func() error) (err error) {
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		e := caught(p)
		if os.Getenv(debugVariable) != "" {
			fmt.Fprintf(os.Stderr, "panic: %v\n\n%s\n", e.Value, e.Trace)
		}
		err = e
	}()
	return f()
}

// culprit returns the function that panicked: the first above the runtime's, whose frames follow those of protect.
func culprit() string {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs)])
	panicked := false
	for {
		f, more := frames.Next()
		if inRuntime := strings.HasPrefix(f.Function, "runtime."); inRuntime {
			panicked = true
		} else if panicked {
			return f.Function
		}
		if !more {
			return "an unknown function"
		}
	}
}
