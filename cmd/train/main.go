// Command train trains a structure-preserving diffusion model and shows its samples as it goes.
//
//	go run ./cmd/train
//
// trains an exactly equivariant model of handwritten digits in ten minutes; -h lists what else it does.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// usageError is an error of how the command was called: exit code 2.
type usageError struct{ error }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // the first signal saves and leaves, a second one ends the process
	err := run(ctx, os.Args[1:])
	var usage usageError
	switch {
	case err == nil || errors.Is(err, flag.ErrHelp):
	case errors.As(err, &usage):
		fmt.Fprintf(os.Stderr, "train: %v\nrun with -h for help\n", err)
		os.Exit(2)
	default:
		fmt.Fprintf(os.Stderr, "train: %v\n", err)
		os.Exit(1)
	}
}

// run is the command: read the flags, open the data, train into a folder or say what that would cost.
func run(ctx context.Context, args []string) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	if o.plan {
		return plan(o)
	}
	r, err := begin(o)
	if err != nil {
		return err
	}
	defer r.close()
	return r.train(ctx)
}
