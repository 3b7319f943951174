package nn

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"spdiff/group"
)

// A UNetConfig describes a U-Net; presets are where to start. It is saved as JSON beside the weights.
type UNetConfig struct {
	Group       group.Group    `json:"group"`        // the group that the network commutes with; C1: a plain network
	Features    Representation `json:"features"`     // of the group: scalar, with tied kernels, or regular, with |G| planes in each feature map
	ImageHeight int            `json:"image_height"` // rows of an image
	ImageWidth  int            `json:"image_width"`  // its columns
	In          int            `json:"in"`           // channels of the input: more than Out where a condition comes with the image
	Out         int            `json:"out"`          // channels of the output
	Width       int            `json:"width"`        // channels that the multipliers multiply; of regular features, of all planes together
	Mult        []int          `json:"mult"`         // multipliers, one for each level; each level has half the size of that before
	Blocks      int            `json:"blocks"`       // residual blocks a level, on the way down; one more on the way up
	Attention   []int          `json:"attention"`    // the levels with attention, as how often smaller they are than the image
	Head        int            `json:"head"`         // channels of an attention head; at most, for regular features: see Fitted
	Dropout     float64        `json:"dropout"`      // share of the values that residual blocks drop in training
	Classes     int            `json:"classes"`      // of images; 0: there are none, and the network takes no class
	Groups      int            `json:"groups"`       // of channels, in every GroupNorm; at most, for regular features
	Kernel      int            `json:"kernel"`       // taps across a convolution kernel, odd
}

// DigitsS returns the preset digits-s: 28×28 pixels of one channel, 1.92 million parameters, 0.317 G multiply-adds.
func DigitsS() UNetConfig {
	return UNetConfig{ImageHeight: 28, ImageWidth: 28, In: 1, Out: 1, Width: 32, Mult: []int{1, 2, 2}, Blocks: 2,
		Attention: []int{4}, Head: 32, Groups: 32, Kernel: 3}
}

// DigitsM returns the preset digits-m: 28×28 pixels of one channel, 17.65 million parameters, 1.885 G multiply-adds. It is
// the network of the paper's rotated MNIST.
func DigitsM() UNetConfig {
	c := DigitsS()
	c.Width, c.Mult = 64, []int{1, 2, 4}
	return c
}

// Cells returns the preset cells: 64×64 pixels of three channels, three classes, 8.03 million parameters, 5.902 G
// multiply-adds. It is the network of the paper's LYSTO.
func Cells() UNetConfig {
	return UNetConfig{ImageHeight: 64, ImageWidth: 64, In: 3, Out: 3, Width: 64, Mult: []int{1, 2, 2, 2}, Blocks: 1,
		Attention: []int{2, 4, 8}, Head: 32, Classes: 3, Groups: 32, Kernel: 3}
}

// presets in the order in which messages list them.
var presets = []struct {
	name string
	make func() UNetConfig
}{{"digits-s", DigitsS}, {"digits-m", DigitsM}, {"cells", Cells}}

// Presets returns the names that Preset takes.
func Presets() (names []string) {
	for _, p := range presets {
		names = append(names, p.name)
	}
	return names
}

// Preset returns the preset of that name.
func Preset(name string) (UNetConfig, error) {
	for _, p := range presets {
		if p.name == name {
			return p.make(), nil
		}
	}
	return UNetConfig{}, fmt.Errorf("unet: there is no preset %q; the presets are %s", name, strings.Join(Presets(), ", "))
}

// Limits that keep the arithmetic of sizes within an int, and a hostile file within memory.
const (
	maxSide     = 1 << 14
	maxChannels = 1 << 16
	maxBlocks   = 1 << 8
	maxKernel   = 31
	maxParams   = 1 << 31
)

// Validate returns nil if the network can be built, else an error that says which setting is wrong, where, and what would
// be right.
func (c UNetConfig) Validate() error {
	for _, check := range []func() error{c.checkRanges, c.checkSizes, c.checkAttention, c.checkChannels} {
		if err := check(); err != nil {
			return fmt.Errorf("unet: %w", err)
		}
	}
	return nil
}

func (c UNetConfig) checkRanges() error {
	for _, r := range []struct {
		name     string
		value    int
		min, max int
	}{
		{"image_height", c.ImageHeight, 1, maxSide},
		{"image_width", c.ImageWidth, 1, maxSide},
		{"in", c.In, 1, maxChannels},
		{"out", c.Out, 1, maxChannels},
		{"width", c.Width, 2, maxChannels},
		{"blocks", c.Blocks, 1, maxBlocks},
		{"head", c.Head, 1, maxChannels},
		{"classes", c.Classes, 0, maxChannels},
		{"groups", c.Groups, 1, maxChannels},
		{"kernel", c.Kernel, 1, maxKernel},
		{"number of levels in mult", len(c.Mult), 1, maxKernel},
	} {
		if r.value < r.min || r.value > r.max {
			return fmt.Errorf("%s is %d; it must be from %d to %d", r.name, r.value, r.min, r.max)
		}
	}
	for i, m := range c.Mult {
		if m < 1 || m > maxChannels/c.Width {
			return fmt.Errorf("mult of level %d is %d; with a width of %d it must be from 1 to %d", i, m, c.Width, maxChannels/c.Width)
		}
	}
	if !(c.Dropout >= 0 && c.Dropout < 1) {
		return fmt.Errorf("dropout is %v; it must be at least 0 and less than 1", c.Dropout)
	}
	return nil
}

// checkSizes checks what the group and the resampling demand of the image's sides.
func (c UNetConfig) checkSizes() error {
	if c.Kernel%2 == 0 {
		return fmt.Errorf("a kernel of %d taps across has no middle: its output is half a pixel off; %d or %d would do", c.Kernel, c.Kernel-1, c.Kernel+1)
	}
	if c.Width%2 != 0 {
		return fmt.Errorf("width is %d; the time embedding has a cosine for each sine, so it must be even", c.Width)
	}
	if n := c.planes(); c.Width%n != 0 {
		return fmt.Errorf("width is %d; regular features over %v are %d planes of equal size: %d or %d would do",
			c.Width, c.Group, n, max(c.Width/n, 1)*n, (c.Width/n+1)*n)
	}
	if err := c.Group.Acts(c.ImageHeight, c.ImageWidth); err != nil {
		return err
	}
	if err := c.checkHalvings(c.ImageWidth, "wide"); err != nil {
		return err
	}
	return c.checkHalvings(c.ImageHeight, "high")
}

// checkHalvings checks that a side of the image can be halved between levels.
func (c UNetConfig) checkHalvings(side int, way string) error {
	chain := strconv.Itoa(side)
	for s, level := side, 1; level < len(c.Mult); level++ {
		if s%2 != 0 {
			fit := "no halving fits"
			if level > 1 {
				fit = fmt.Sprintf("%d halvings fit (%s)", level-1, chain)
			}
			if level == 2 {
				fit = fmt.Sprintf("1 halving fits (%s)", chain)
			}
			return fmt.Errorf("level %d of a %d×%d input is %v pixels %s; %s", level, c.ImageHeight, c.ImageWidth, float64(s)/2, way, fit)
		}
		s /= 2
		chain += "→" + strconv.Itoa(s)
	}
	return nil
}

func (c UNetConfig) checkAttention() error {
	for _, a := range c.Attention {
		if a < 1 || a&(a-1) != 0 || a >= 1<<len(c.Mult) {
			var levels []string
			for i := range c.Mult {
				levels = append(levels, strconv.Itoa(1<<i))
			}
			return fmt.Errorf("attention at factor %d; the levels are smaller by the factors %s", a, strings.Join(levels, ", "))
		}
	}
	return nil
}

// checkChannels checks that groups and heads divide every feature map, and that the whole is of a size to be made.
func (c UNetConfig) checkChannels() error {
	for b := range c.plan().all() {
		if c.planes() > 1 {
			break // groups and heads are fitted to the planes
		}
		switch {
		case b.kind != inputConv && b.in%c.Groups != 0:
			return fmt.Errorf("%s: %d channels are no multiple of %d groups", b.name, b.in, c.Groups)
		case b.kind != inputConv && b.out%c.Groups != 0:
			return fmt.Errorf("%s: %d channels are no multiple of %d groups", b.name, b.out, c.Groups)
		case b.kind == attention && b.in%c.headOf(b.in) != 0:
			return fmt.Errorf("%s: %d channels are no multiple of a head's %d", b.name, b.in, c.Head)
		}
	}
	if n := c.Parameters(); n > maxParams {
		return fmt.Errorf("%d parameters are more than %d", n, maxParams)
	}
	return nil
}

// attends reports whether the level has attention.
func (c UNetConfig) attends(level int) bool { return slices.Contains(c.Attention, 1<<level) }

// planes returns the number of planes of every feature map.
func (c UNetConfig) planes() int {
	if c.Features == Regular {
		return c.Group.Order()
	}
	return 1
}

// headOf returns the channels of a head of attention among so many channels.
func (c UNetConfig) headOf(channels int) int { return min(c.Head, channels/c.planes()) }

// Fitted returns the configuration with the groups and heads that the network has. Those of regular features are the largest
// divisors of Groups and Head that divide the channels of a plane wherever there is a GroupNorm, or attention: the same in all the
// network, so that it is an ADM U-Net of these settings too. Those of scalars are as they stand.
func (c UNetConfig) Fitted() UNetConfig {
	n := c.planes()
	if n == 1 {
		return c
	}
	for b := range c.plan().all() {
		c.Groups = gcd(c.Groups, b.out/n)
		if b.kind != inputConv {
			c.Groups = gcd(c.Groups, b.in/n)
		}
		if b.kind == attention {
			c.Head = gcd(c.Head, b.in/n)
		}
	}
	return c
}

// gcd returns the greatest common divisor.
func gcd(a, b int) int {
	for b > 0 {
		a, b = b, a%b
	}
	return a
}
