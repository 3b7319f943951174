package nn

import (
	"slices"

	"spdiff/group"
)

// A UNetConfig describes a U-Net; presets are where to start. It is saved as JSON beside the weights.
type UNetConfig struct {
	Group       group.Group    `json:"group"`              // the group that the network commutes with; C1: a plain network
	Features    Representation `json:"features"`           // of the group: scalar, with tied kernels, or regular, with |G| planes in each feature map
	ImageHeight int            `json:"image_height"`       // rows of an image
	ImageWidth  int            `json:"image_width"`        // its columns
	In          int            `json:"in"`                 // channels of the input: more than Out where a condition comes with the image
	Out         int            `json:"out"`                // channels of the output
	Width       int            `json:"width"`              // channels that the multipliers multiply; of regular features, of all planes together
	Mult        []int          `json:"mult"`               // multipliers, one for each level; each level has half the size of that before
	Blocks      int            `json:"blocks"`             // residual blocks a level, on the way down; one more on the way up
	Attention   []int          `json:"attention"`          // the levels with attention, as how often smaller they are than the image
	Head        int            `json:"head"`               // channels of an attention head, at most: see Fitted
	Dropout     float64        `json:"dropout"`            // share of the values that residual blocks drop in training
	Classes     int            `json:"classes"`            // of images; 0: there are none, and the network takes no class
	NoClass     bool           `json:"no_class,omitempty"` // whether there is one more class, number Classes, that stands for none
	Labels      int            `json:"labels,omitempty"`   // numbers that the network may be told beside the time, in training, of how an image was moved; 0: none
	Groups      int            `json:"groups"`             // of channels, in every GroupNorm; at most, for regular features
	Kernel      int            `json:"kernel"`             // taps across a convolution kernel, odd
	Taps        Support        `json:"taps,omitempty"`     // which of them there are; Pinwheel: scalar features and 5 across alone
}

// DigitsS returns the preset digits-s: 28×28 pixels of one channel, 1.92 million parameters, 0.317 G multiply-adds.
func DigitsS() UNetConfig {
	return UNetConfig{ImageHeight: 28, ImageWidth: 28, In: 1, Out: 1, Width: 32, Mult: []int{1, 2, 2}, Blocks: 2,
		Attention: []int{4}, Head: 32, Groups: 32, Kernel: 3}
}

// DigitsXS returns the preset digits-xs: digits-s with one residual block a level, 1.37 million parameters, 0.230 G multiply-adds.
func DigitsXS() UNetConfig {
	c := DigitsS()
	c.Blocks = 1
	return c
}

// DigitsM returns the preset digits-m: 28×28 pixels of one channel, 17.65 million parameters, 1.885 G multiply-adds. Its width,
// levels, blocks and heads are those that the paper's code has for rotated MNIST; docs/paper.md says what is otherwise.
func DigitsM() UNetConfig {
	c := DigitsS()
	c.Width, c.Mult = 64, []int{1, 2, 4}
	return c
}

// Cells returns the preset cells: 64×64 pixels of three channels, three classes, 8.03 million parameters, 5.902 G
// multiply-adds. Its layers are those that the paper's code has for LYSTO, without its dropout.
func Cells() UNetConfig {
	return UNetConfig{ImageHeight: 64, ImageWidth: 64, In: 3, Out: 3, Width: 64, Mult: []int{1, 2, 2, 2}, Blocks: 1,
		Attention: []int{2, 4, 8}, Head: 32, Classes: 3, Groups: 32, Kernel: 3}
}

var presets = presetList[UNetConfig]{{"digits-xs", DigitsXS}, {"digits-s", DigitsS}, {"digits-m", DigitsM}, {"cells", Cells}}

// Presets returns the names that Preset takes.
func Presets() []string { return presets.names() }

// Preset returns the preset of that name.
func Preset(name string) (UNetConfig, error) { return presets.find("unet", name) }

// Clone returns a copy that shares no memory with c.
func (c UNetConfig) Clone() UNetConfig {
	c.Mult, c.Attention = slices.Clone(c.Mult), slices.Clone(c.Attention)
	return c
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

// ClassRows returns how many classes the network tells apart: Classes, and one more where NoClass says so. 0: it takes none.
func (c UNetConfig) ClassRows() int {
	if c.NoClass {
		return c.Classes + 1
	}
	return c.Classes
}

// embedding is the length of the embedding of time and class.
func (c UNetConfig) embedding() int { return 4 * c.Width }

// headOf returns the channels of an attention head where a feature map has the given number: Head, or all that a plane has if they
// are fewer.
func (c UNetConfig) headOf(channels int) int { return min(c.Head, channels/c.planes()) }

// Fitted returns the configuration with the groups and heads that the network has. For regular features they are the largest
// divisors of Groups and Head that divide the channels of a plane wherever there is a GroupNorm, or attention: the same in all the
// network, so that it is also an ADM U-Net with these settings. For scalars they stay as they are; attention over fewer channels than
// Head has one head with all of them. The configuration must be valid.
func (c UNetConfig) Fitted() UNetConfig {
	if c.planes() > 1 {
		for b := range c.plan().all() {
			c.fit(b)
		}
	}
	return c
}

// fit makes groups and heads divide the planes of a block.
func (c *UNetConfig) fit(b blockPlan) {
	for _, channels := range b.kind.normed(b) {
		c.Groups = gcd(c.Groups, channels/c.planes())
	}
	if b.kind.heads {
		c.Head = gcd(c.Head, b.in/c.planes())
	}
}

// gcd returns the greatest common divisor.
func gcd(a, b int) int {
	for b > 0 {
		a, b = b, a%b
	}
	return a
}
