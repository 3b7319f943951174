package nn

import (
	"errors"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"spdiff/group"
	"spdiff/tensor"
	"spdiff/tensor/safetensors"
)

// Through a file and back, every bit comes back, for plain and tied networks; a tied file loads into a plain network,
// which then computes the same, but for rounding.
func TestWeightsRoundTrip(t *testing.T) {
	for _, g := range group.All() {
		u := randomUNet(t, small(g, 8, 8), 1)
		path := filepath.Join(t.TempDir(), "model.safetensors")
		if err := safetensors.Write(path, Weights(u.params, map[string]string{"config": "{}"})); err != nil {
			t.Fatal(err)
		}
		f, err := safetensors.Read(path)
		if err != nil {
			t.Fatal(err)
		}
		if f.Metadata["config"] != "{}" {
			t.Errorf("metadata came back as %v", f.Metadata)
		}
		plain := randomUNet(t, small(group.C1, 8, 8), 3)
		checkFile(t, "weights tied over "+g.Name(), f, u, randomUNet(t, small(g, 8, 8), 2), plain)
	}
}

// checkFile demands that u's file f gives every bit back to v, a network like u, and that a plain network computes the same from
// it, but for rounding.
func checkFile(t *testing.T, name string, f *safetensors.File, u, v, plain *UNet) {
	t.Helper()
	if err := SetWeights(v.params, f); err != nil {
		t.Fatal(err)
	}
	for i, p := range u.params {
		if j := differs(p.Value.Data(), v.params[i].Value.Data()); j >= 0 {
			t.Errorf("%s: number %d of %s changed on its way through a file", name, j, p.Name)
		}
	}
	if err := SetWeights(plain.params, f); err != nil {
		t.Fatal(err)
	}
	x := randomSlice(64*2, 1)
	z, want := make([]float32, 64), make([]float32, 64)
	newRunner(plain, 1).run(z, x)
	newRunner(u, 1).run(want, x)
	compare(t, "a plain network with "+name, z, want, 0)
}

// What does not fit is named, and nothing is changed.
func TestSetWeightsErrors(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(*safetensors.File)
		want  string
	}{
		{"missing", func(f *safetensors.File) {
			f.Tensors = slices.DeleteFunc(f.Tensors, func(t safetensors.Tensor) bool { return t.Name == "out.2.bias" })
		}, "missing from the file: out.2.bias 1"},
		{"extra", func(f *safetensors.File) {
			f.Tensors = append(f.Tensors, safetensors.Tensor{Name: "stray", Value: tensor.New(2, 3)})
		}, "not in the network: stray 2×3"},
		{"misshapen", func(f *safetensors.File) {
			f.Tensors[0].Value = tensor.New(4, 16)
		}, "of another shape: time_embed.0.weight 16×4 is 4×16 in the file"},
		{"many", func(f *safetensors.File) { f.Tensors = f.Tensors[:5] }, " more"},
		{"NaN", func(f *safetensors.File) {
			f.Get("out.2.weight").Data()[5] = float32(math.NaN())
		}, "not finite: out.2.weight 1×4×3×3: number 5 is NaN"},
		{"untied", func(f *safetensors.File) {
			f.Get("out.2.weight").Data()[17] += 1
		}, "tensor out.2.weight 1×4×3×3: elements [0 1 0 0] and [0 1 2 2] are"},
	} {
		u := randomUNet(t, small(group.C4, 8, 8), 1)
		f := Weights(randomUNet(t, small(group.C4, 8, 8), 2).params, nil)
		c.spoil(f)
		before := copies(u.params)
		err := SetWeights(u.params, f)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: the error is\n\t%v\nand should say\n\t%s", c.name, err, c.want)
		}
		var weights *WeightsError
		var tie *TieError
		if !errors.As(err, &weights) && !errors.As(err, &tie) {
			t.Errorf("%s: the error is a %T", c.name, err)
		}
		for i, p := range u.params {
			if differs(p.Value.Data(), before[i]) >= 0 {
				t.Errorf("%s: %s was changed in spite of the error", c.name, p.Name)
			}
		}
	}
}
