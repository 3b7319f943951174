package nn

import (
	"fmt"
	"iter"
	"slices"
)

// A plan lists the blocks of a U-Net in order, with the names that the ADM code gives them. A stage is what lies between
// two places where feature maps are kept on the way down, or taken up again on the way up.
type plan struct {
	down, up [][]blockPlan
	middle   []blockPlan
}

// A blockPlan is a block before it is made.
type blockPlan struct {
	kind     *blockKind
	name     string
	from, to int // levels
	in, out  int // channels
}

// all yields every block in order.
func (p plan) all() iter.Seq[blockPlan] {
	return func(yield func(blockPlan) bool) {
		for _, stages := range [][][]blockPlan{p.down, {p.middle}, p.up} {
			for _, b := range slices.Concat(stages...) {
				if !yield(b) {
					return
				}
			}
		}
	}
}

// plan lays the network out (Dhariwal and Nichol 2021; the names are those of guided-diffusion's unet.py).
func (c UNetConfig) plan() plan {
	var p plan
	ch, top := c.Mult[0]*c.Width, len(c.Mult)-1
	p.down = append(p.down, []blockPlan{{&inputConv, "input_blocks.0.0", 0, 0, c.In, ch}})
	skips := []int{ch}
	keep := func(s []blockPlan) {
		p.down = append(p.down, s)
		ch = s[len(s)-1].out
		skips = append(skips, ch)
	}
	for level, m := range c.Mult {
		for range c.Blocks {
			keep(c.stage(fmt.Sprintf("input_blocks.%d", len(p.down)), level, ch, m*c.Width))
		}
		if level < top {
			keep([]blockPlan{{&residual, fmt.Sprintf("input_blocks.%d.0", len(p.down)), level, level + 1, ch, ch}})
		}
	}
	p.middle = []blockPlan{
		{&residual, "middle_block.0", top, top, ch, ch},
		{&attention, "middle_block.1", top, top, ch, ch},
		{&residual, "middle_block.2", top, top, ch, ch},
	}
	for level := top; level >= 0; level-- {
		for i := range c.Blocks + 1 {
			name := fmt.Sprintf("output_blocks.%d", len(p.up))
			last := len(skips) - 1
			s := c.stage(name, level, ch+skips[last], c.Mult[level]*c.Width)
			skips, ch = skips[:last], c.Mult[level]*c.Width
			if level > 0 && i == c.Blocks {
				s = append(s, blockPlan{&residual, fmt.Sprintf("%s.%d", name, len(s)), level, level - 1, ch, ch})
			}
			p.up = append(p.up, s)
		}
	}
	return p
}

// stage returns a residual block, and attention where the level has it.
func (c UNetConfig) stage(name string, level, in, out int) []blockPlan {
	s := []blockPlan{{&residual, name + ".0", level, level, in, out}}
	if c.attends(level) {
		s = append(s, blockPlan{&attention, name + ".1", level, level, out, out})
	}
	return s
}
