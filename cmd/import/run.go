package main

import (
	"context"
	"fmt"
	"os"

	"spdiff/cmd/internal/cli"
	"spdiff/nn"
	"spdiff/tensor/safetensors"
)

// run is the command: read the flags and the weights, find out what network they are of, write the model. An interrupt ends it at
// once where it reads, and else before it writes.
func run(ctx context.Context, args []string) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	s, err := cli.Await(ctx, func() (*source, error) { return open(o.in, o.prefix, o.given["prefix"]) })
	if err != nil {
		return err
	}
	network, err := o.network(s)
	if err != nil {
		return err
	}
	if err := o.place(); err != nil {
		return err
	}
	return o.write(ctx, s, network)
}

// network returns the settings of the network: what its weights tell and what flags say.
func (o *options) network(s *source) (nn.UNetConfig, error) {
	c, err := nn.InferUNet(s.shapes())
	if err != nil {
		return c, fmt.Errorf("%s: %w", o.in, err)
	}
	widths, err := s.attentionWidths()
	if err != nil {
		return c, fmt.Errorf("%s: %w", o.in, err)
	}
	found, learned := c, false
	if c, learned, err = o.channels(c); err != nil {
		return c, fmt.Errorf("%s: %w", o.in, err)
	}
	if c.Head, err = o.headOf(widths); err != nil {
		return c, err
	}
	if err := o.missing(found, s, widths); err != nil {
		return c, err
	}
	c.ImageHeight, c.ImageWidth, c.Groups = o.height, o.width, o.groups
	fmt.Printf("import: %s%s, %s, into %s\n", o.in, s.part(), describe(found), o.out)
	if learned {
		fmt.Printf("        out.2: of its %d channels the first %d are kept, the mean; the rest, the variances that it learned, are left out\n", found.Out, c.Out)
	}
	return c, nil
}

// part says which tensors of a file are meant.
func (s *source) part() string {
	switch {
	case s.prefix == "" && s.others == 0:
		return ""
	case s.prefix == "":
		return fmt.Sprintf(", its tensors without a prefix (%d others are left out)", s.others)
	case s.others == 0:
		return fmt.Sprintf(", its tensors %s…", s.prefix)
	}
	return fmt.Sprintf(", its tensors %s… (%d others are left out)", s.prefix, s.others)
}

// describe says what a network is, as far as its weights tell.
func describe(c nn.UNetConfig) string {
	classes := "no classes"
	if c.Classes > 0 {
		classes = fmt.Sprintf("%d classes", c.Classes)
	}
	return fmt.Sprintf("a U-Net of %d channels to %d, width %d, levels × %v, residual blocks a level: %d, attention at %v, %d×%d kernels, %s",
		c.In, c.Out, c.Width, c.Mult, c.Blocks, c.Attention, c.Kernel, c.Kernel, classes)
}

// channels sets Out to the channels of an image, and says whether the network gives variances besides.
func (o *options) channels(c nn.UNetConfig) (of nn.UNetConfig, learned bool, err error) {
	image := c.In
	if o.condition {
		image /= 2
	}
	switch {
	case o.condition && c.In%2 != 0:
		err = cli.Usagef("-condition: the network takes %d channels, which is no image and a prediction of it", c.In)
	case c.Out == image:
	case c.Out == 2*image:
		c.Out, learned = image, true
	case !o.condition && (c.In == 2*c.Out || c.In == c.Out):
		err = fmt.Errorf("tensor %s takes %d channels, and the network gives %d: an image comes with another; if that is its own last "+
			"prediction, say -condition; other conditions, as for super-resolution, are not read", firstName, c.In, c.Out)
	default:
		err = fmt.Errorf("tensor %s takes %d channels, and out.2.weight gives %d; a denoiser gives as many, or twice as many with variances",
			firstName, c.In, c.Out)
	}
	return c, learned, err
}

// place returns an error if the model cannot be written, or would take the place of a file.
func (o *options) place() error {
	if _, err := os.Lstat(o.out); err == nil {
		return fmt.Errorf("-out %s: it is there already; move it away, or name another", o.out)
	}
	if err := cli.WritableFile(o.out); err != nil {
		return fmt.Errorf("-out %w", err)
	}
	return nil
}

// write makes the model and writes it, whole or not at all.
func (o *options) write(ctx context.Context, s *source, network nn.UNetConfig) error {
	c, err := o.config(network)
	if err != nil {
		return fmt.Errorf("%s: %w", o.in, err)
	}
	if got, want := s.numbers(), c.Network.Parameters(); got < want { // before memory is taken
		return fmt.Errorf("%s: there are %d numbers, and a network of these settings has %d parameters; it is not whole", o.in, got, want)
	}
	u, err := nn.NewUNet(c.Network)
	if err != nil {
		return err
	}
	if err := s.convert(c.Network, o.qkv); err != nil {
		return fmt.Errorf("%s: %w", o.in, err)
	}
	if err := nn.SetWeights(u.Params(), s.file()); err != nil {
		return fmt.Errorf("%s: %w", o.in, err)
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%w before anything was written", err)
	}
	if err := safetensors.WriteSealed(o.out, nn.Weights(u.Params(), metadata(c))); err != nil {
		return err
	}
	fmt.Printf("made:   %s, %.2f million parameters, %v over %v\n        %s -model %s\n", o.out,
		float64(c.Network.Parameters())/1e6, c.Method, c.Group, cli.Command("sample"), cli.Quoted(o.out))
	return nil
}

// numbers returns how many numbers the weights have.
func (s *source) numbers() (n int64) {
	for _, t := range s.weights {
		n += int64(t.Len())
	}
	return n
}
