package main

import (
	"flag"
	"fmt"
	"io"
	"strings"

	"spdiff"
	"spdiff/cmd/internal/cli"
	"spdiff/group"
)

// options are the flags.
type options struct {
	in, out, prefix     string
	size, qkv           string
	height, width       int // of size
	heads, head, groups int
	schedule            spdiff.Schedule
	predict             spdiff.Prediction
	method              spdiff.Method
	group               group.Group
	condition           bool
	given               map[string]bool
}

// parse reads the flags and checks what can be checked without the file.
func parse(args []string) (*options, error) {
	o := &options{given: map[string]bool{}}
	f := flag.NewFlagSet("import", flag.ContinueOnError)
	o.define(f)
	if err := cli.Parse(f, args, usage, ""); err != nil {
		return nil, err
	}
	f.Visit(func(f *flag.Flag) { o.given[f.Name] = true })
	return o, o.check()
}

func (o *options) define(f *flag.FlagSet) {
	f.StringVar(&o.in, "in", "", "the `FILE` of the weights, as torch.save writes it (.pt), or safetensors")
	f.StringVar(&o.out, "out", "model.safetensors", "the `FILE` of the model")
	f.StringVar(&o.prefix, "prefix", "", "the prefix of the `NAMES` of the network's tensors, where a file has several networks; \"\" for none")
	f.StringVar(&o.size, "size", "", "`PIXELS` of an image's side, or HEIGHTxWIDTH")
	f.IntVar(&o.head, "head-channels", 0, "channels of an attention head (num_head_channels)")
	f.IntVar(&o.heads, "heads", 0, "the number of attention heads, instead of -head-channels (num_heads)")
	f.StringVar(&o.qkv, "qkv", "", "the `ORDER` of attention's rows: legacy (QKVAttentionLegacy: head by head) or new (QKVAttention, flash: all q first)")
	f.IntVar(&o.groups, "groups", 32, "groups of channels in a norm")
	f.Func("schedule", "of the noise, by `NAME`: see above", func(s string) error { return o.schedule.UnmarshalText([]byte(s)) })
	f.Func("predict", "what the network predicts, by `NAME`: x0, eps, v or edm", func(s string) error { return o.predict.UnmarshalText([]byte(s)) })
	f.TextVar(&o.method, "method", spdiff.Plain, "how the model is to respect the group, by `NAME`: plain (not), oc, cf; wt if its kernels are tied")
	f.TextVar(&o.group, "group", group.C1, "the group `NAME` of a method that needs one: c4, d4, …")
	f.BoolVar(&o.condition, "condition", false, "self-conditioning: the first half of the input is the last prediction of the image")
}

func usage(w io.Writer) {
	fmt.Fprint(w, `usage: import -in FILE -size PIXELS -head-channels N -qkv legacy|new -schedule NAME -predict NAME [flags]

Makes a model of the weights of an ADM U-Net (guided-diffusion, consistency models, and their heirs) for sample and denoise.
Its layers are read off the tensors; without other flags than -in, import says what it found and what it still needs to know.

  import -in adm.pt                                                            what is it?
  import -in 256x256_diffusion_uncond.pt -size 256 -head-channels 64 -qkv legacy -schedule linear -predict eps
  import -in 64x64_diffusion.pt -size 64 -head-channels 64 -qkv new -schedule nichol -predict eps
  import -in edm_imagenet64_ema.pt -size 64 -head-channels 64 -qkv new -schedule edm -predict edm
  import -in cells.pt -size 64 -head-channels 32 -qkv legacy -schedule cosine -predict x0 -method oc -group d4

The network must resample in residual blocks (resblock_updown) and scale and shift its norms (use_scale_shift_norm). What it learned
of variances (learn_sigma) is left out.

Schedules:

  linear   β from 0.1 to 20: guided-diffusion's linear schedule of 1000 steps, in continuous time
  nichol   guided-diffusion's cosine schedule
  cosine   that of the paper's code, which has less noise early
  edm      σ = t; with -predict edm the models of Karras et al. and of consistency models
  sub-vp, ve   those of Song et al.

`)
}

// check finds flags that cannot be right.
func (o *options) check() error {
	switch {
	case o.in == "":
		return cli.Usagef("-in is missing: the file of the weights")
	case !strings.HasSuffix(o.out, ".safetensors"):
		return cli.Usagef("-out %s: the name must end in .safetensors", o.out)
	case o.given["heads"] && o.given["head-channels"]:
		return cli.Usagef("-heads and -head-channels say the same: give one of them")
	case o.given["heads"] && o.heads < 1 || o.given["head-channels"] && o.head < 1 || o.groups < 1:
		return cli.Usagef("-heads, -head-channels and -groups must be at least 1")
	case o.given["qkv"] && o.qkv != legacyOrder && o.qkv != newOrder:
		return cli.Usagef("-qkv %q: there are %s and %s", o.qkv, legacyOrder, newOrder)
	case o.given["method"] && o.method != spdiff.Plain && !o.given["group"]:
		return cli.Usagef("-method %v: it needs a group: -group c4, d4, …", o.method)
	case o.given["size"]:
		return o.parseSize()
	}
	return nil
}

// parseSize reads -size.
func (o *options) parseSize() error {
	var rest string
	if n, _ := fmt.Sscanf(o.size, "%dx%d%s", &o.height, &o.width, &rest); n == 2 && o.height > 0 && o.width > 0 {
		return nil
	}
	if n, _ := fmt.Sscanf(o.size, "%d%s", &o.height, &rest); n == 1 && o.height > 0 {
		o.width = o.height
		return nil
	}
	return cli.Usagef("-size %q: it is a number of pixels, as 64, or two, as 48x64", o.size)
}
