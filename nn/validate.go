package nn

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"spdiff/group"
)

// Limits that keep the arithmetic of sizes within an int of 32 bits, and a hostile file within memory.
const (
	maxSide           = 1 << 14
	maxChannels       = 1 << 16
	maxBlocks         = 1 << 8
	maxKernel         = 31
	maxLevels         = 15
	maxParams   int64 = 1 << 31
)

// Validate returns nil if the network can be built, else a *ConfigError that says which setting is wrong, why, and what
// would do.
func (c UNetConfig) Validate() error {
	for _, check := range []func(UNetConfig) error{
		UNetConfig.checkRanges, UNetConfig.checkMult, UNetConfig.checkKernel, UNetConfig.checkWidth,
		UNetConfig.checkImage, UNetConfig.checkAttention, UNetConfig.checkChannels, UNetConfig.checkSize,
	} {
		if err := check(c); err != nil {
			return err
		}
	}
	return nil
}

func (c UNetConfig) checkRanges() error {
	within := func(field string, value, min, max int) error { return inRange("unet", field, value, min, max) }
	return cmp.Or(
		within("features", int(c.Features), int(Scalar), int(Regular)),
		within("image_height", c.ImageHeight, 1, maxSide),
		within("image_width", c.ImageWidth, 1, maxSide),
		within("in", c.In, 1, maxChannels),
		within("out", c.Out, 1, maxChannels),
		within("width", c.Width, 2, maxChannels),
		within("blocks", c.Blocks, 1, maxBlocks),
		within("head", c.Head, 1, maxChannels),
		within("classes", c.Classes, 0, maxChannels),
		within("labels", c.Labels, 0, maxChannels),
		within("groups", c.Groups, 1, maxChannels),
		within("kernel", c.Kernel, 1, maxKernel),
		within("taps", int(c.Taps), int(Square), int(Pinwheel)),
		within("number of levels in mult", len(c.Mult), 1, maxLevels),
		within("number of factors in attention", len(c.Attention), 0, maxLevels),
		inRange("unet", "dropout", c.Dropout, 0, 0.9),
		c.dropsSomething(), c.namesNone())
}

// dropsSomething returns an error for a dropout so small that it would drop nothing.
func (c UNetConfig) dropsSomething() error {
	if c.Dropout == 0 {
		return nil
	}
	return inRange("unet", "dropout", c.Dropout, leastDropout, 0.9)
}

// namesNone returns an error for a class that stands for none where there are no others.
func (c UNetConfig) namesNone() error {
	if c.NoClass && c.Classes == 0 {
		return &ConfigError{"unet", "no_class", true, false, "there are no classes"}
	}
	return nil
}

// leastDropout is the least share that can be dropped, for a share is a number of 65536ths: see [autodiff.Dropout]. 0 drops nothing.
const leastDropout = 1.0 / (1 << 16)

func (c UNetConfig) checkMult() error {
	for i, m := range c.Mult {
		if err := inRange("unet", fmt.Sprintf("mult.%d", i), m, 1, maxChannels/c.Width); err != nil {
			return err
		}
	}
	return nil
}

func (c UNetConfig) checkKernel() error {
	if c.Kernel%2 == 0 {
		works := c.Kernel - 1
		if c.Taps == Pinwheel {
			works = pinwheelSize
		}
		return &ConfigError{"unet", "kernel", c.Kernel, works,
			fmt.Sprintf("%d taps across have no middle, and put the output half a pixel off", c.Kernel)}
	}
	return c.checkTaps()
}

// checkTaps checks that the taps of the kernels are those of a pinwheel where one can be.
func (c UNetConfig) checkTaps() error {
	switch {
	case c.Taps == Square:
		return nil
	case c.Kernel != pinwheelSize:
		return &ConfigError{"unet", "kernel", c.Kernel, pinwheelSize, "a pinwheel is in a square of 5×5 taps"}
	case c.planes() > 1:
		return &ConfigError{"unet", "taps", c.Taps, Square, "regular features have filters of any hand without a pinwheel"}
	case c.Group.Acts(c.Kernel, c.Kernel) == nil && !c.Taps.fits(c.Group, c.Kernel):
		return &ConfigError{"unet", "taps", c.Taps, Square, fmt.Sprintf("the mirrors of %v make another of a pinwheel", c.Group)}
	}
	return nil
}

// checkWidth checks what the time embedding and the planes demand of the width.
func (c UNetConfig) checkWidth() error {
	switch n := c.planes(); {
	case c.Width%2 != 0:
		return c.wrongWidth("the time embedding has a cosine for each sine, so it must be even")
	case c.Width%n != 0:
		return c.wrongWidth(fmt.Sprintf("regular features over %v are %d planes of equal size", c.Group, n))
	}
	return nil
}

// wrongWidth returns the error of a width, and a near one that would do.
func (c UNetConfig) wrongWidth(reason string) error {
	e := &ConfigError{"unet", "width", c.Width, nil, reason}
	unit := lcm(2, c.planes())
	for _, divisor := range []int{1, c.Groups, c.Head} {
		unit = lcm(unit, divisor)
		works := c
		works.Width = multiple(c.Width, unit, maxChannels)
		if works.Width <= maxChannels && works.checkMult() == nil && works.misfit(nil) == "" {
			e.Works = works.Width
			break
		}
	}
	return e
}

// checkImage checks that the group acts on the image, and that both sides can be halved between levels.
func (c UNetConfig) checkImage() error {
	return checkSides("unet", c.Group, c.ImageHeight, c.ImageWidth, 1<<(len(c.Mult)-1), halvings)
}

// checkSides checks that a group acts on an image of h×w pixels, and that both sides are multiples of unit; uneven says why one that
// is not would not do.
func checkSides(of string, g group.Group, h, w, unit int, uneven func(side int, way string) string) error {
	toH, toW := multiple(h, unit, maxSide), multiple(w, unit, maxSide)
	reason := ""
	switch err := g.Acts(h, w); {
	case err != nil:
		toW, reason = toH, err.Error()
	case toW != w:
		reason = uneven(w, "wide")
	case toH != h:
		reason = uneven(h, "high")
	default:
		return nil
	}
	return &ConfigError{of, "image", fmt.Sprintf("%d×%d", h, w), fmt.Sprintf("%d×%d", toH, toW), reason}
}

// multiple returns the positive multiple of unit nearest to n, the larger of two, and at most most where one is.
func multiple(n, unit, most int) int { return max(min((n+unit/2)/unit, most/unit), 1) * unit }

// halvings says how often a side can be halved, and which level is no whole number of pixels.
func halvings(side int, way string) string {
	chain := []string{fmt.Sprint(side)}
	for ; side%2 == 0; side /= 2 {
		chain = append(chain, fmt.Sprint(side/2))
	}
	n := len(chain) - 1
	fit := [...]string{"no halving fits", "1 halving fits"}[min(n, 1)]
	if n > 1 {
		fit = fmt.Sprintf("%d halvings fit", n)
	}
	if n > 0 {
		fit += " (" + strings.Join(chain, "→") + ")"
	}
	return fmt.Sprintf("level %d is %v pixels %s: %s", n+1, float64(side)/2, way, fit)
}

func (c UNetConfig) checkAttention() error {
	var factors []string
	for i := range c.Mult {
		factors = append(factors, fmt.Sprint(1<<i))
	}
	for i, a := range c.Attention {
		if !slices.Contains(factors, fmt.Sprint(a)) {
			return &ConfigError{"unet", fmt.Sprintf("attention.%d", i), a, 1 << (len(c.Mult) - 1),
				"the levels are smaller by the factors " + strings.Join(factors, ", ")}
		}
	}
	return nil
}

// checkChannels checks that groups and heads divide every feature map.
func (c UNetConfig) checkChannels() error {
	fitted := c
	reason := c.misfit(&fitted)
	switch {
	case reason == "":
		return nil
	case fitted.Groups == c.Groups:
		return &ConfigError{"unet", "head", c.Head, fitted.Head, reason}
	}
	e := c.wrongWidth(reason).(*ConfigError)
	if e.Works == nil {
		return &ConfigError{"unet", "groups", c.Groups, fitted.Groups, reason}
	}
	return e
}

// misfit names the first block with channels that the groups or heads do not divide, "" if there is none, and makes those of
// fitted, if that is not nil, divide all. Of regular features they are fitted to the planes anyway.
func (c UNetConfig) misfit(fitted *UNetConfig) (first string) {
	if c.planes() > 1 {
		return ""
	}
	for b := range c.plan().all() {
		reason := ""
		for _, channels := range b.kind.normed(b) {
			if channels%c.Groups != 0 {
				reason = fmt.Sprintf("%s: %d channels are no multiple of %d groups", b.name, channels, c.Groups)
			}
		}
		if b.kind.heads && b.in%c.headOf(b.in) != 0 {
			reason = fmt.Sprintf("%s: %d channels are no multiple of a head's %d", b.name, b.in, c.Head)
		}
		first = cmp.Or(first, reason)
		if fitted != nil {
			fitted.fit(b)
		}
	}
	return first
}

// checkSize checks that the whole is of a size to be made.
func (c UNetConfig) checkSize() error {
	n := c.Parameters()
	if n <= maxParams {
		return nil
	}
	reason := fmt.Sprintf("that makes %d parameters, more than %d", n, maxParams)
	unit := lcm(lcm(2, c.planes()), lcm(c.Groups, c.Head))
	smaller := c.Clone()
	for width := c.Width / 2; width >= unit; width /= 2 {
		if smaller.Width = width / unit * unit; smaller.Parameters() <= maxParams {
			return &ConfigError{"unet", "width", c.Width, smaller.Width, reason}
		}
	}
	smaller.Width = c.Width
	at := slices.Index(c.Mult, slices.Max(c.Mult))
	for smaller.Mult[at] > 1 && smaller.Parameters() > maxParams {
		smaller.Mult[at] /= 2
	}
	return &ConfigError{"unet", fmt.Sprintf("mult.%d", at), c.Mult[at], smaller.Mult[at], reason}
}

// lcm returns the least common multiple, or more than maxChannels where it is that.
func lcm(a, b int) int { return int(min(int64(a/gcd(a, b))*int64(b), 2*maxChannels)) }
