package train

import (
	"strings"

	"spdiff"
	"spdiff/cmd/internal/cli"
	"spdiff/nn"
)

// ganFlags are those that a GAN takes besides what a run and its data take.
var ganFlags = []string{"gan", "preset", "loss", "group", "batch", "precision", "classes", "seed", "rotate", "augment", "lr", "penalty",
	"data", "limit", "steps", "minutes", "save", "samples", "keep", "threads", "out", "check", "evaluate", "inception", "n"}

// checkGAN finds flags that are for diffusions alone.
func (o *options) checkGAN() error {
	if o.gan == "" {
		if o.given["loss"] {
			return cli.Usagef("-loss is that of a GAN; say which by -gan spgan, incomplete or plain")
		}
		return nil
	}
	if name := cli.NotAmong(o.given, ganFlags); name != "" {
		return cli.Usagef("-%s is for diffusions; -gan takes -%s", name, strings.Join(ganFlags[1:], ", -"))
	}
	return nil
}

// ganConfig returns the configuration that the flags describe, for images of a shape.
func (o *options) ganConfig(h, w, channels int) (c spdiff.GANConfig, err error) {
	preset := o.preset
	switch {
	case o.given["preset"]:
	case h == 28:
		preset = "gan-digits"
	default:
		preset = "gan-cells"
	}
	if c, err = spdiff.DefaultGANConfig(preset); err != nil {
		return c, cli.Usagef("-preset: %w", err)
	}
	n := &c.Network
	n.ImageHeight, n.ImageWidth, n.Out = h, w, channels
	if err := c.Variant.UnmarshalText([]byte(o.gan)); err != nil {
		return c, cli.Usagef("-gan: %w", err)
	}
	if o.given["loss"] {
		if c.Loss = nn.DivergenceLoss(); o.loss != c.Loss.Kind {
			c.Loss = nn.RelativisticLoss()
		}
	}
	o.give(map[string]func(){
		"group":   func() { c.Group = o.group },
		"batch":   func() { c.Batch = o.batch },
		"classes": func() { n.Classes = o.classes },
		"penalty": func() { c.Loss.Weight = o.penalty },
		"lr":      func() { c.Rate.Rate, c.CriticRate.Rate = o.rate, 4*o.rate },
	})
	c.Rotate, c.Augment, c.Precision, c.Seed, c.Steps = o.rotates(), o.augment, o.precision, o.seed, o.steps
	if err := c.Validate(); err != nil {
		return c, &cli.UsageError{Err: err}
	}
	return c, nil
}
