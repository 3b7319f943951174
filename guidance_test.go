package spdiff

import (
	"context"
	"errors"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"spdiff/group"
	"spdiff/tensor"
)

// dropping returns a configuration that withholds classes.
func dropping(g group.Group, m Method) Config {
	c := tiny(g, m)
	c.DropClass = 0.3
	return c
}

// raw returns D(x, 0.5) of a batch whose classes take turns, guided by w, as it comes out of the network.
func raw(t *testing.T, m *Model, x []float32, w float64) []float32 {
	t.Helper()
	e := m.evaluator(context.Background(), Reversal{Batch: 2, Guidance: w}, func(i int) int { return i % 2 })
	defer e.close()
	z := make([]float32, len(x))
	if err := e.denoise(z, x, 0.5); err != nil {
		t.Fatal(err)
	}
	return z
}

// A draw's class is withheld with the probability that is said, by the seed and the draw alone, and else it is the image's.
func TestDropClass(t *testing.T) {
	c := dropping(group.C4, WT)
	tr := trainer(t, c, blobs{10, 8})
	n, none := 0, 0
	for range 100 {
		advance(t, tr, 1)
		for j, k := range tr.batch.class {
			want := c.told(tr.feed.class[j], tr.feed.draw(j))
			if int(k) != want || want != 2 && want != tr.feed.class[j] {
				t.Fatalf("the network is told class %v of an image of class %d", k, tr.feed.class[j])
			}
			if n++; want == 2 {
				none++
			}
		}
	}
	if share := float64(none) / float64(n); math.Abs(share-0.3) > 0.08 {
		t.Errorf("of %d draws %d are without a class", n, none)
	}
	if c.DropClass = 0; c.told(1, 5) != 1 {
		t.Error("a class is withheld where none should be")
	}
	c.DropClass, c.Seed = 0.3, 2
	other := 0
	for d := range uint64(100) {
		a, b := c.told(0, d), dropping(group.C4, WT).told(0, d)
		if a != b {
			other++
		}
	}
	if other == 0 {
		t.Error("another seed withholds the same classes")
	}
}

// Guided is what two evaluations say: further from D without a class than D with it.
func TestGuidance(t *testing.T) {
	m := train(t, dropping(group.C4, WT))
	x := pictures(3, 8, 8).Data()
	class, none := raw(t, m, x, 0), raw(t, m, x, -1)
	if slices.Equal(class, none) {
		t.Fatal("the class does not matter")
	}
	for _, w := range []float64{-0.5, 0.5, 3} {
		for i, v := range raw(t, m, x, w) {
			want := float64(none[i]) + (1+w)*(float64(class[i])-float64(none[i]))
			if math.Abs(float64(v)-want) > 1e-6*(1+math.Abs(want)) {
				t.Fatalf("w = %v: number %d is %v, want %v", w, i, v, want)
			}
		}
	}
	// Without a class it does not matter which is said.
	turns := raw(t, m, x, -1)
	e := m.evaluator(context.Background(), Reversal{Batch: 8, Guidance: -1}, func(int) int { return 1 })
	defer e.close()
	z := make([]float32, len(x))
	if err := e.denoise(z, x, 0.5); err != nil || !slices.Equal(bits(z), bits(turns)) {
		t.Errorf("images of no class depend on their class, or their batch: %v", err)
	}
	draw := func(w float64, batch int) []uint32 {
		return sample(t, m, Sampling{N: 3, Reversal: Reversal{Steps: 3, Guidance: w, Batch: batch}})
	}
	if slices.Equal(draw(0, 0), draw(2, 0)) || !slices.Equal(draw(2, 1), draw(2, 3)) {
		t.Error("samples are not guided, or by their batch")
	}
}

// A guided model commutes with its group as it does without, for all methods, conditioned or not.
func TestGuidedIsEquivariant(t *testing.T) {
	if testing.Short() {
		t.Skip("a minute without assembly")
	}
	for _, g := range []group.Group{group.C4, group.D4} {
		for _, c := range every(g) {
			c.DropClass = 0.3
			m := train(t, c)
			x, in := pictures(2, 8, 8), group.Images{N: 2, H: 8, W: 8, C: 1}
			diff := group.Check(g, func(z, x []float32) {
				d := Denoising{Reversal: Reversal{Steps: 3, Guidance: 1.5}}
				copy(z, denoise(t, m, tensor.From(x, 2, 8, 8, 1), d).Data())
			}, x.Data(), in, in)
			if diff.Exact != c.Method.Exact() {
				t.Errorf("%v %s: %v", g, c.title(), diff)
			}
		}
	}
}

// What cannot be guided is an error with a type; a model that can comes back from its file; and files of others do not speak of it.
func TestGuidanceSettings(t *testing.T) {
	m, plain := train(t, dropping(group.C4, WT)), train(t, tiny(group.C4, WT))
	for _, k := range []struct {
		m    *Model
		w    float64
		want string
	}{{plain, 1, "-drop-class"}, {m, -2, "from -1"}, {m, math.NaN(), "from -1"}, {m, math.Inf(1), "from -1"}} {
		_, err := k.m.Sample(context.Background(), Sampling{Reversal: Reversal{Guidance: k.w}})
		var e *SettingError
		if !errors.As(err, &e) || e.Field != "Guidance" || !strings.Contains(e.Error(), k.want) {
			t.Errorf("w = %v: %v, want %q", k.w, err, k.want)
		}
	}
	if text := string(plain.Config().JSON()); strings.Contains(text, "class\"") {
		t.Errorf("a model without speaks of it: %s", text)
	}
	path := filepath.Join(t.TempDir(), "m.safetensors")
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	back, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	r := Sampling{Reversal: Reversal{Steps: 2, Guidance: 1}}
	if !slices.Equal(sample(t, m, r), sample(t, back, r)) {
		t.Error("the model comes back as another")
	}
	if got, want := int64(m.Parameters()), m.Config().Network.Parameters(); got != want {
		t.Errorf("%d parameters, counted as %d", got, want)
	}
}
