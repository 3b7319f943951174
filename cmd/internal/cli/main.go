package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

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
// interrupt cancels the context, so that the command can save and leave; a second one ends the process.
func Main(name string, run func(ctx context.Context, args []string) error) {
	checkISA(name)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	os.Exit(report(os.Stderr, name, run(ctx, os.Args[1:])))
}

// checkISA ends the process with exit code 2 if SPDIFF_ISA names an instruction set that is not here, and says which there are.
func checkISA(name string) {
	if err := asm.ISAError(); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		os.Exit(2)
	}
}

// report says how a command ended, and returns its exit code.
func report(w io.Writer, name string, err error) int {
	var usage *UsageError
	switch {
	case err == nil || errors.Is(err, flag.ErrHelp):
		return 0
	case errors.As(err, &usage):
		fmt.Fprintf(w, "%s: %v\nrun with -h for help\n", name, err)
		return 2
	}
	fmt.Fprintf(w, "%s: %v\n", name, err)
	return 1
}
