package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"spdiff/asm"
)

// A UsageError is an error of how the command was called: exit code 2.
type UsageError struct{ Err error }

// Usagef returns the UsageError that fmt.Errorf describes.
func Usagef(format string, a ...any) error { return &UsageError{fmt.Errorf(format, a...)} }

func (e *UsageError) Error() string { return e.Err.Error() }

// Unwrap returns what is wrong.
func (e *UsageError) Unwrap() error { return e.Err }

// Main runs a command and ends the process with its exit code; an error is said on standard error, after the name. The first
// interrupt cancels the context, whose cause is then an [Interrupt], so that the command can save and leave, which it says by an
// error that is context.Canceled; a second one ends the process.
func Main(name string, run func(ctx context.Context, args []string) error) {
	checkISA(name)
	ctx := interruptible()
	err := protect(func() error { return run(ctx, os.Args[1:]) })
	os.Exit(report(os.Stderr, name, ctx, err))
}

// checkISA ends the process with exit code 2 if SPDIFF_ISA names an instruction set that is not here, and says which there are.
func checkISA(name string) {
	if err := asm.ISAError(); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		os.Exit(2)
	}
}

// report says how a command ended, and returns its exit code.
func report(w io.Writer, name string, ctx context.Context, err error) int {
	var usage *UsageError
	var interrupt *Interrupt
	switch {
	case err == nil || errors.Is(err, flag.ErrHelp):
		return 0
	case errors.As(err, &usage):
		fmt.Fprintf(w, "%s: %s\nrun with -h for help\n", name, Brief(err.Error()))
		return 2
	case errors.Is(err, context.Canceled) && errors.As(context.Cause(ctx), &interrupt):
		fmt.Fprintf(w, "%s: %s\n", name, Brief(interrupt.in(err)))
		return interrupt.Code()
	}
	fmt.Fprintf(w, "%s: %s\n", name, Brief(err.Error()))
	return 1
}
