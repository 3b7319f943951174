package main

import (
	"flag"
	"fmt"
	"io"
	"strings"

	"spdiff/cmd/internal/cli"
)

// options are the flags.
type options struct {
	model, out string
	steps      int
}

// parse reads the flags and checks what can be checked without the model.
func parse(args []string) (*options, error) {
	o := &options{}
	f := flag.NewFlagSet("export", flag.ContinueOnError)
	f.StringVar(&o.model, "model", "", "the `FILE` of a model, as train writes it")
	f.StringVar(&o.out, "out", "model.onnx", "the `FILE` to write; beside it comes FILE.json with the same metadata")
	f.IntVar(&o.steps, "steps", 50, "evaluations of the sampler whose coefficients the metadata has")
	if err := cli.Parse(f, args, usage, ""); err != nil {
		return nil, err
	}
	return o, o.check()
}

func usage(w io.Writer) {
	fmt.Fprint(w, `usage: export -model FILE [flags]

Writes a model as an ONNX file (opset 17) for any number of images, with all that its method does: tied kernels expanded,
averages over the group and canonical frames in the graph.

  export -model runs/digits-1/model.safetensors -out digits.onnx
  export -model M -out m.onnx -steps 20                             the metadata has the coefficients of 20 steps

Inputs and outputs have the names of diffusers, and channels come first:

  sample        float32 (batch, channels, height, width)   the noisy images, times the coefficient in
  timestep      float32 (batch)                            what the network is told of the time
  class_labels  int64 (batch)                              where the model has classes
  condition     float32, as sample                         where it is conditioned on its last prediction; zeros at first
  out_sample    float32, as sample                         what the network predicts, see prediction_type

docs/onnx.md has the metadata, and programs of 30 lines in Python and JavaScript that sample. The memory is that of the weights,
twice, for tied kernels expanded.

`)
}

// check finds flags that cannot be right.
func (o *options) check() error {
	switch {
	case o.model == "":
		return cli.Usagef("-model is missing: the file of a model, as runs/digits-1/model.safetensors")
	case !strings.HasSuffix(o.out, ".onnx"):
		return cli.Usagef("-out %s: the name must end in .onnx", o.out)
	case o.steps < 1 || o.steps > maxSteps:
		return cli.Usagef("-steps is %d; it must be from 1 to %d", o.steps, maxSteps)
	}
	return nil
}

// maxSteps bounds the metadata: a megabyte or so.
const maxSteps = 10_000
