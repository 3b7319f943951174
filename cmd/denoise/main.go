// Command denoise removes noise and other damage from an image with a trained model, the same way in every orientation.
//
//	go run ./cmd/denoise -model runs/digits-1/model.safetensors -in photo.png
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
	context.AfterFunc(ctx, stop) // a second signal ends the process
	err := run(ctx, os.Args[1:])
	var usage usageError
	switch {
	case err == nil || errors.Is(err, flag.ErrHelp):
	case errors.As(err, &usage):
		fmt.Fprintf(os.Stderr, "denoise: %v\nrun with -h for help\n", err)
		os.Exit(2)
	default:
		fmt.Fprintf(os.Stderr, "denoise: %v\n", err)
		os.Exit(1)
	}
}
