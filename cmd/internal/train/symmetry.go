package train

import (
	"fmt"

	"spdiff"
	"spdiff/nn"
)

// handed gives the network of a configuration kernels of a pinwheel's taps, if the flags ask for that, or where they do not say and the
// preset's kernels, tied over the group, would have more symmetry than the group. Over groups that turn by 90° without mirrors they do.
func (o *options) handed(c *spdiff.Config) {
	wheel := c.Clone()
	wheel.Network.Kernel, wheel.Network.Taps = 5, nn.Pinwheel
	asked := o.given["taps"] && o.taps == nn.Pinwheel
	needed := !o.given["taps"] && c.Validate() == nil && excess(*c) != "" && wheel.Validate() == nil
	if asked || needed {
		*c = wheel
	}
}

// Warning returns what a run of these arguments on such images warns of: networks with more symmetry than its group has. "": nothing.
func Warning(args []string, images spdiff.Source) (string, error) {
	o, err := parse(args)
	if err != nil || o.gan != "" {
		return "", err
	}
	c, err := o.config(images.Shape())
	if err != nil {
		return "", err
	}
	return excess(c), nil
}

// excess says that the networks of a configuration commute with more than its group, "" where they do not.
func excess(c spdiff.Config) string {
	n := c.Resolved().Network
	s := n.Symmetry()
	if s.Order() <= n.Group.Order() || s.Order() <= c.Group.Order() {
		return ""
	}
	cure := "-kernel 5 or -taps pinwheel keep to %v"
	if n.Kernel == 1 {
		cure = "-kernel 5 keeps to %v"
	}
	return fmt.Sprintf("kernels of %d×%d taps make a network over %v commute with all of %v: a sample is as likely in each of its positions, "+
		"mirrored too; "+cure, n.Kernel, n.Kernel, c.Group, s, c.Group)
}
