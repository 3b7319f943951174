package nn

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"spdiff/group"
	"spdiff/tensor"
)

// shapesOf returns the names and shapes of a network's parameters in files.
func shapesOf(t *testing.T, c UNetConfig) map[string]tensor.Shape {
	t.Helper()
	u, err := NewUNet(c)
	if err != nil {
		t.Fatal(err)
	}
	shapes := map[string]tensor.Shape{}
	for _, p := range u.params {
		shapes[p.Name] = p.File
	}
	return shapes
}

// What can be told from the weights of a network is what it was made of.
func TestInferUNet(t *testing.T) {
	configs := []UNetConfig{DigitsS(), DigitsM(), Cells(), small(group.C1, 12, 12)}
	for _, mult := range [][]int{{1}, {2, 1}, {1, 1, 3}} {
		for blocks := range 3 {
			for _, attention := range [][]int{nil, {1}, {1 << (len(mult) - 1)}, {1, 1 << (len(mult) - 1)}} {
				configs = append(configs, UNetConfig{ImageHeight: 8, ImageWidth: 16, In: 6, Out: 3, Width: 4, Mult: mult, Blocks: blocks + 1,
					Attention: slices.Compact(slices.Clone(attention)), Head: 4, Groups: 2, Kernel: 5, Classes: blocks})
			}
		}
	}
	for _, c := range configs {
		got, err := InferUNet(shapesOf(t, c))
		if err != nil {
			t.Errorf("%+v: %v", c, err)
			continue
		}
		c.ImageHeight, c.ImageWidth, c.Head, c.Groups = 0, 0, 0, 0
		if fmt.Sprint(got) != fmt.Sprint(c) {
			t.Errorf("got  %+v,\nwant %+v", got, c)
		}
	}
}

// Networks that are others are errors that name what and the tensor.
func TestInferUNetRefuses(t *testing.T) {
	c := DigitsS()
	c.Mult, c.Attention = []int{1, 2}, []int{2}
	base := shapesOf(t, c)
	without := func(w map[string]tensor.Shape, prefix string) {
		maps.DeleteFunc(w, func(name string, _ tensor.Shape) bool { return strings.HasPrefix(name, prefix) })
	}
	for _, c := range []struct {
		name, want string
		change     func(w map[string]tensor.Shape)
	}{
		{"nothing", "no tensor input_blocks.0.0.weight", func(w map[string]tensor.Shape) { clear(w) }},
		{"one dimension", "input_blocks.0.0.weight is 32×1×3", func(w map[string]tensor.Shape) { w["input_blocks.0.0.weight"] = tensor.Shape{32, 1, 3} }},
		{"no end", "no tensor out.2.weight", func(w map[string]tensor.Shape) { without(w, "out.2") }},
		{"no time", "no tensor time_embed.0.weight", func(w map[string]tensor.Shape) { without(w, "time") }},
		{"width of 0", "time_embed.0.weight is 0×0", func(w map[string]tensor.Shape) { w["time_embed.0.weight"] = tensor.Shape{0, 0} }},
		{"classes", "label_emb.weight is 3;", func(w map[string]tensor.Shape) { w["label_emb.weight"] = tensor.Shape{3} }},
		{"convolutions down", "tensor input_blocks.3.0.op.bias is of a convolution that halves", func(w map[string]tensor.Shape) {
			without(w, "input_blocks.3.")
			w["input_blocks.3.0.op.weight"], w["input_blocks.3.0.op.bias"] = tensor.Shape{32, 32, 3, 3}, tensor.Shape{32}
		}},
		{"convolutions up", "tensor output_blocks.2.2.conv.weight is of a convolution that doubles", func(w map[string]tensor.Shape) {
			without(w, "output_blocks.2.2.")
			w["output_blocks.2.2.conv.weight"] = tensor.Shape{64, 64, 3, 3}
		}},
		{"no weights down", "no tensor input_blocks.3.0.in_layers.2.weight", func(w map[string]tensor.Shape) {
			without(w, "input_blocks.3.")
			without(w, "output_blocks.2.2.")
		}},
		{"an embedding that is added", "input_blocks.1.0.emb_layers.1.weight is 32×128", func(w map[string]tensor.Shape) {
			w["input_blocks.1.0.emb_layers.1.weight"] = tensor.Shape{32, 128}
		}},
		{"no norm", "no tensor middle_block.0.out_layers.0.weight", func(w map[string]tensor.Shape) { without(w, "middle_block.0.out_layers.0") }},
		{"BatchNorm", "out.0.running_mean is of BatchNorm", func(w map[string]tensor.Shape) { w["out.0.running_mean"] = tensor.Shape{32} }},
		{"cross attention", "encoder_kv.weight is of cross attention", func(w map[string]tensor.Shape) {
			w["middle_block.1.encoder_kv.weight"] = tensor.Shape{128, 77, 1}
		}},
		{"a fraction", "48 channels", func(w map[string]tensor.Shape) { w["input_blocks.4.0.in_layers.2.weight"] = tensor.Shape{48, 32, 3, 3} }},
		{"stages", "output_blocks has 5 stages, and a level 3", func(w map[string]tensor.Shape) { without(w, "output_blocks.5") }},
	} {
		w := maps.Clone(base)
		c.change(w)
		if got, err := InferUNet(w); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %+v, %v; want an error with %q", c.name, got, err, c.want)
		}
	}
}
