package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"spdiff"
	"spdiff/asm"
	"spdiff/cmd/internal/cli"
	"spdiff/cmd/internal/dataset"
	"spdiff/cmd/internal/progress"
	"spdiff/nn/fd"
	"spdiff/tensor"
	"spdiff/tensor/atomicfile"
	"spdiff/tensor/safetensors"
)

// A trainer is fd.TrainDigits or its like.
type trainer = func(context.Context, fd.Images, fd.Training, func(int, float64)) (*safetensors.File, error)

// run is the command: read the flags, open the images, train, write.
func run(ctx context.Context, args []string) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	if err := cli.WritableFile(o.out); err != nil {
		return fmt.Errorf("-out %w", err)
	}
	tensor.SetWorkers(o.threads)
	source, err := dataset.Open(ctx, o.data)
	if err != nil {
		return err
	}
	began := time.Now()
	f, err := o.train(ctx, source)
	if err != nil {
		return err
	}
	file, hash, err := fd.Encode(f)
	if err != nil {
		return err
	}
	if err := atomicfile.WriteFile(o.out, file); err != nil {
		return err
	}
	fmt.Printf("%s: %d bytes, SHA-256 %x, after %v\n", o.out, len(file), hash, time.Since(began).Round(time.Second))
	return nil
}

// train trains the network that the options name, and shows how far it is.
func (o *options) train(ctx context.Context, source spdiff.Source) (*safetensors.File, error) {
	n := o.network
	fmt.Printf("features: %s on %d images (%s), %d steps of %d, seed %d, %d threads, %s, into %s\n", n.name, source.Len(),
		dataset.Describe(source), o.Steps, o.Batch, o.Seed, tensor.Workers(), asm.ISA(), o.out)
	for _, n := range dataset.Notes(source) {
		fmt.Println("data:  " + n)
	}
	p := progress.New(os.Stdout, progress.Goal{Steps: o.Steps, Images: o.Batch})
	defer p.Finish()
	mean := 0.0
	return n.train(ctx, source, o.Training, func(step int, loss float64) {
		mean += (loss - mean) / float64(min(step, 100))
		p.Update(step, fmt.Sprintf("loss %.4f", mean))
	})
}
