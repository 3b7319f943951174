package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"spdiff"
	"spdiff/cmd/internal/cli"
	"spdiff/cmd/internal/onnx"
	"spdiff/tensor/atomicfile"
)

// run is the command: read the flags and the model, translate it, write.
func run(ctx context.Context, args []string) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	if err := o.place(); err != nil {
		return err
	}
	m, err := spdiff.Load(o.model)
	if err != nil {
		return err
	}
	c := m.Config()
	fmt.Printf("export: %s (%v over %v, %.2f million parameters) into %s\n", o.model, c.Method, c.Group, float64(m.Parameters())/1e6, o.out)
	if c.Precision == spdiff.BF16 {
		fmt.Println("note:   the model was trained with products of bf16; in ONNX they are float32's")
	}
	start := time.Now()
	g, err := graph(m)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%w before anything was written", err)
	}
	if err := o.write(g, metadata(m, o.steps)); err != nil {
		return err
	}
	info, err := os.Stat(o.out)
	if err != nil {
		return err
	}
	fmt.Printf("made:   %s, %.1f MB, and its metadata in %s.json, %.1f s\n", o.out, float64(info.Size())/1e6, o.out, time.Since(start).Seconds())
	return nil
}

// place returns an error if the file cannot be written, or would be too large: before the work.
func (o *options) place() error {
	if err := cli.WritableFile(o.out); err != nil {
		return fmt.Errorf("-out %w", err)
	}
	info, err := os.Stat(o.model)
	if err != nil {
		return nil // Load says it
	}
	if err := onnx.CheckSize(info.Size()); err != nil { // a model's file has its kernels expanded, as the ONNX file
		return fmt.Errorf("%s: %w", o.model, err)
	}
	return nil
}

// write writes the file, and beside it the metadata alone.
func (o *options) write(g *onnx.Graph, metadata []onnx.Property) error {
	err := atomicfile.Write(o.out, func(w io.Writer) error { return g.Write(w, "spdiff", spdiff.Version, metadata) })
	if err != nil {
		return err
	}
	return atomicfile.WriteFile(o.out+".json", object(metadata))
}
