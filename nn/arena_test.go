package nn

import (
	"testing"

	"spdiff/asm"
	"spdiff/autodiff"
	"spdiff/group"
	"spdiff/tensor"
)

// A training step in bf16 takes at most a hundredth more memory than in float32, on every instruction set and with operands in pairs: values
// are float32 in both, and packed weights and keys, which zeros fill up to whole steps, are there for a moment.
func TestRoundedArena(t *testing.T) {
	defer asm.SetISA(asm.ISA())
	for name, edit := range map[string]func(*UNetConfig){
		"plain":   func(*UNetConfig) {},
		"tied":    func(c *UNetConfig) { c.Group = group.C4 },
		"regular": func(c *UNetConfig) { c.Group, c.Features = group.C4, Regular },
	} {
		c := DigitsXS()
		edit(&c)
		u := randomUNet(t, c, 1)
		for _, isa := range append(asm.Available(), "pairs") {
			if err := asm.SetISA(isa); err != nil {
				t.Fatal(err)
			}
			full, rounded := stepArena(u, tensor.Float32), stepArena(u, tensor.BF16)
			t.Logf("%s, %s: %d numbers in float32, %d in bf16", isa, name, full, rounded)
			if rounded > full+full/100 {
				t.Errorf("%s, %s: a step takes %d numbers in bf16, and %d in float32", isa, name, rounded, full)
			}
		}
	}
}

// stepArena returns the length of the arena of a training step of eight images in a precision.
func stepArena(u *UNet, p tensor.Precision) int {
	const n = 8
	c := u.Config
	x, at := autodiff.Input("x", n, c.ImageHeight, c.ImageWidth, c.In), autodiff.Input("t", n)
	loss := autodiff.Mean(autodiff.Square(u.Apply(x, &Conditions{Time: at, Precision: p})))
	var nodes []*autodiff.Node
	for _, param := range u.params {
		nodes = append(nodes, param.Node())
	}
	return autodiff.CompileStep(append(autodiff.Grad(loss, nodes...), loss)...).ArenaLen()
}
