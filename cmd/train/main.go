// Command train trains a structure-preserving diffusion model and shows its samples as it goes.
//
//	go run ./cmd/train
//
// trains an exactly equivariant model of handwritten digits in ten minutes; -h lists what else it does.
package main

import (
	"context"

	"spdiff/cmd/internal/cli"
)

func main() { cli.Main("train", run) }

// run is the command: read the flags, open the data, train into a folder or say what that would cost.
func run(ctx context.Context, args []string) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	switch {
	case o.model != "":
		return export(ctx, o.resume, o.model)
	case o.look:
		return checkImages(ctx, o)
	case o.plan:
		return plan(ctx, o)
	}
	r, err := begin(ctx, o)
	if err != nil {
		return err
	}
	defer r.close()
	if err := r.watch(ctx, o); err != nil {
		return err
	}
	return r.train(ctx)
}
