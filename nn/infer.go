package nn

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"spdiff/tensor"
)

// InferUNet returns the settings of the U-Net whose weights have these shapes, by PyTorch's names: a state dict of the ADM code
// (Dhariwal and Nichol 2021) or its heirs. No shape depends on ImageHeight, ImageWidth, Head, Groups and Dropout: they are zero.
//
// It returns an error that names a tensor and what it says where the network is one that UNet is not: resampling outside residual
// blocks, embeddings that are added only, cross attention, other norms, widths that are no multiples of the first. Whether each
// tensor is the one it must be SetWeights says.
func InferUNet(shapes map[string]tensor.Shape) (UNetConfig, error) {
	w := weightShapes(shapes)
	c, err := w.ends()
	for _, step := range []func(*UNetConfig) error{w.supported, w.depth, w.levels} {
		if err == nil {
			err = step(&c)
		}
	}
	if err != nil {
		return UNetConfig{}, fmt.Errorf("unet: %w", err)
	}
	return c, nil
}

// weightShapes are the shapes of a state dict.
type weightShapes map[string]tensor.Shape

// has reports whether there is a tensor of that name.
func (w weightShapes) has(format string, a ...any) bool { return w[fmt.Sprintf(format, a...)] != nil }

// of returns the shape of a tensor, which must have dims dimensions, none of them 0.
func (w weightShapes) of(name string, dims int) (tensor.Shape, error) {
	s := w[name]
	switch {
	case s == nil:
		return nil, fmt.Errorf("there is no tensor %s; is this the state dict of an ADM U-Net?", name)
	case len(s) != dims || slices.Contains(s, 0):
		return nil, fmt.Errorf("tensor %s is %v; that of an ADM U-Net for images has %d dimensions", name, s, dims)
	}
	return s, nil
}

// ends reads what the first and last layers tell.
func (w weightShapes) ends() (c UNetConfig, err error) {
	read := func(name string, dims int) tensor.Shape {
		s, bad := w.of(name, dims)
		if bad != nil {
			s = make(tensor.Shape, dims)
		}
		if err == nil {
			err = bad
		}
		return s
	}
	first, last, time := read("input_blocks.0.0.weight", 4), read("out.2.weight", 4), read("time_embed.0.weight", 2)
	c.In, c.Out, c.Kernel, c.Width = first[1], last[0], first[2], time[1]
	if w.has("label_emb.weight") {
		c.Classes = read("label_emb.weight", 2)[0]
	}
	return c, err
}

// strangers are parts of names that no ADM U-Net of ours has, and what they mean.
var strangers = []struct{ part, what string }{
	{".encoder_kv.", "cross attention"},
	{".transformer_blocks.", "a transformer, with cross attention"},
	{".op.", "a convolution that halves the grid (conv_resample); only residual blocks that resample are read (resblock_updown)"},
	{".conv.", "a convolution that doubles the grid (conv_resample); only residual blocks that resample are read (resblock_updown)"},
	{".running_mean", "BatchNorm; only GroupNorm is read"},
}

// supported looks for tensors of other networks.
func (w weightShapes) supported(*UNetConfig) error {
	for _, name := range slices.Sorted(maps.Keys(w)) {
		for _, s := range strangers {
			if strings.Contains(name, s.part) {
				return fmt.Errorf("tensor %s is of %s", name, s.what)
			}
		}
		block, isEmbedding := strings.CutSuffix(name, ".emb_layers.1.weight")
		if !isEmbedding {
			continue
		}
		norm, err := w.of(block+".out_layers.0.weight", 1)
		if err != nil {
			return fmt.Errorf("%w (a norm with weights is needed after each embedding)", err)
		}
		if emb := w[name]; len(emb) != 2 || emb[0] != 2*norm[0] {
			return fmt.Errorf("tensor %s is %v, and not for 2×%d numbers: the embedding is added only (no use_scale_shift_norm), and only "+
				"networks whose norms it scales and shifts are read", name, emb, norm[0])
		}
	}
	return nil
}

// residual reports whether a block is a residual one.
func (w weightShapes) residual(format string, a ...any) bool {
	return w.has(format+".in_layers.2.weight", a...)
}

// depth reads the numbers of blocks and levels: a level on the way up ends in the block that doubles the grid. Blocks gets the
// first, and Mult the length of the second.
func (w weightShapes) depth(c *UNetConfig) error {
	n, blocks := 0, -1
	for ; w.residual("output_blocks.%d.0", n); n++ {
		if blocks < 0 && (w.residual("output_blocks.%d.1", n) || w.residual("output_blocks.%d.2", n)) {
			blocks = n
		}
	}
	if blocks < 0 {
		blocks = n - 1
	}
	for i := 1; i < n; i++ {
		if !w.residual("input_blocks.%d.0", i) {
			return fmt.Errorf("there is no tensor input_blocks.%d.0.in_layers.2.weight: the grid is halved there without weights, or the "+
				"file is not whole; only residual blocks that resample are read (resblock_updown)", i)
		}
	}
	if blocks < 1 || n%(blocks+1) != 0 {
		return fmt.Errorf("output_blocks has %d stages, and a level %d: this is no ADM U-Net", n, blocks+1)
	}
	c.Blocks, c.Mult = blocks, make([]int, n/(blocks+1))
	return nil
}

// levels reads the width of each level and whether it has attention, from the first block of it.
func (w weightShapes) levels(c *UNetConfig) error {
	for level := range c.Mult {
		stage := fmt.Sprintf("input_blocks.%d", 1+level*(c.Blocks+1))
		name := stage + ".0.in_layers.2.weight"
		conv, err := w.of(name, 4)
		if err != nil {
			return err
		}
		if conv[0]%c.Width != 0 {
			return fmt.Errorf("tensor %s makes %d channels, which are no multiple of the width %d; a channel_mult with a fraction is not read",
				name, conv[0], c.Width)
		}
		c.Mult[level] = conv[0] / c.Width
		if w.has("%s.1.qkv.weight", stage) {
			c.Attention = append(c.Attention, 1<<level)
		}
	}
	return nil
}
