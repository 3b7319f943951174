package spdiff

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"spdiff/group"
	"spdiff/nn"
	"spdiff/tensor/warp"
)

// moving returns a configuration whose images are moved.
func moving(g group.Group, m Method) Config {
	c := tiny(g, m)
	c.Augmentation = 0.2
	return c
}

// A draw's image is that of the source, moved as package warp says by the seed and the draw alone, and the network is told how.
func TestAugmentation(t *testing.T) {
	c := moving(group.C4, OC)
	still := c
	still.Augmentation = 0
	tr, other := trainer(t, c, blobs{10, 8}), trainer(t, still, blobs{10, 8})
	resting, moved := 0, 0
	for range 10 {
		advance(t, tr, 1)
		advance(t, other, 1)
		for j := range c.Batch {
			m := warp.Draw(warps.stream(c.Seed, tr.feed.draw(j)), 0.2, 8, 8)
			want := make([]float32, 64)
			warp.Warp(want, other.feed.image(j), m, 8, 8, 1)
			if !slices.Equal(bits(want), bits(tr.feed.image(j))) {
				t.Fatalf("draw %d is another image", tr.feed.draw(j))
			}
			told := tr.batch.labels[j*warp.Labels : (j+1)*warp.Labels]
			if !slices.Equal(told, m.Labels[:]) {
				t.Fatalf("the network is told %v, not %v", told, m.Labels)
			}
			if m.Labels == ([warp.Labels]float32{}) {
				resting++
			} else {
				moved++
			}
		}
	}
	if resting == 0 || moved < resting {
		t.Errorf("%d draws were moved and %d were not", moved, resting)
	}
}

// What the network is told it learns: the map of the labels begins at zero and does not stay there. A training that goes on from its
// state has the bits of one that was not interrupted, and the model comes back from its file.
func TestAugmentationIsLearned(t *testing.T) {
	c := moving(group.C4, WT)
	m := train(t, c)
	p := m.network.Params()
	i := slices.IndexFunc(m.network.Params(), func(p *nn.Param) bool { return p.Name == "map_augment.weight" })
	if i < 0 || !slices.ContainsFunc(p[i].Value.Data(), func(v float32) bool { return v != 0 }) {
		t.Fatal("nothing is learned of the labels")
	}
	if got, want := int64(m.Parameters()), m.Config().Network.Parameters(); got != want {
		t.Errorf("%d parameters, counted as %d", got, want)
	}
	if text := string(train(t, tiny(group.C4, WT)).Config().JSON()); strings.Contains(text, "labels") || strings.Contains(text, "augmentation") {
		t.Errorf("a model without speaks of it: %s", text)
	}
	path := filepath.Join(t.TempDir(), "state.safetensors")
	tr := trainer(t, c, blobs{10, 8})
	advance(t, tr, 3)
	if err := tr.Save(path); err != nil {
		t.Fatal(err)
	}
	back, err := Resume(path, blobs{10, 8}, c.Steps)
	if err != nil {
		t.Fatal(err)
	}
	advance(t, back, c.Steps-3)
	advance(t, tr, c.Steps-3)
	if !slices.Equal(weights(back.Model()), weights(tr.Model())) {
		t.Error("a resumed training is another")
	}
	file := filepath.Join(t.TempDir(), "m.safetensors")
	if err := m.Save(file); err != nil {
		t.Fatal(err)
	}
	again, err := Load(file)
	if err != nil || !slices.Equal(weights(m), weights(again)) {
		t.Errorf("the model comes back as another: %v", err)
	}
}

// Trained on moved images, a model commutes with its group as it does without: labels are the same for all pixels, and nothing is
// told when images are drawn.
func TestAugmentedIsEquivariant(t *testing.T) {
	if testing.Short() {
		t.Skip("a minute without assembly")
	}
	for _, g := range []group.Group{group.C4, group.D4} {
		for _, c := range every(g) {
			c.Augmentation, c.DropClass = 0.4, 0.2
			m := train(t, c)
			x, in := pictures(2, 8, 8), group.Images{N: 2, H: 8, W: 8, C: 1}
			diff := group.Check(g, func(z, x []float32) { copy(z, raw(t, m, x, 1)) }, x.Data(), in, in)
			if diff.Exact != c.Method.Exact() {
				t.Errorf("%v %s: %v", g, c.title(), diff)
			}
		}
	}
}
