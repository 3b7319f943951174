package inception

import (
	"context"
	"fmt"
	"hash/fnv"
	"math"
	"sync"
	"testing"

	"spdiff/asm"
	"spdiff/tensor"
	"spdiff/tensor/safetensors"
)

// bits is number i of a sequence that the script knows as well: splitmix64.
func bits(seed, i uint64) uint64 {
	z := (seed + i) * 0x9E3779B97F4A7C15
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}

func seed(name string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(name))
	return h.Sum64()
}

// madeUp has a formula of noise for every parameter.
var madeUp = sync.OnceValue(func() *safetensors.File {
	var f safetensors.File
	for _, p := range Parameters() {
		t, s := tensor.New(p.Shape...), seed(p.Name)
		at, scale := 0.0, 0.25
		switch kind := p.Name[len(p.Name)-6:]; {
		case len(p.Shape) == 4:
			scale = math.Sqrt(6 / float64(p.Shape[1]*p.Shape[2]*p.Shape[3]))
		case kind == "ng_var":
			at, scale = 1, 0.5
		case kind == "weight":
			at = 1
		}
		for i := range t.Data() {
			u := (float64(bits(s, uint64(i))>>40) - 1<<23) / (1 << 23)
			t.Data()[i] = float32(at + float64(u*scale))
		}
		f.Tensors = append(f.Tensors, safetensors.Tensor{Name: p.Name, Value: t})
	}
	return &f
})

var random = sync.OnceValue(func() *Network {
	n, err := newNetwork(madeUp(), "random", 2)
	if err != nil {
		panic(err)
	}
	return n
})

// golden are images with the features that PyTorch gives them, in the script's network of the same weights.
func golden(t *testing.T) (images, want map[string]*tensor.Tensor) {
	f, err := safetensors.Read("testdata/inception.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	images, want = map[string]*tensor.Tensor{}, map[string]*tensor.Tensor{}
	for _, z := range f.Tensors {
		var h, w, c int
		fmt.Sscanf(z.Name, "%dx%dx%d", &h, &w, &c)
		x := tensor.New(1, h, w, c)
		for i := range x.Data() {
			x.Data()[i] = float32(bits(seed(z.Name), uint64(i))>>56)/127.5 - 1
		}
		images[z.Name], want[z.Name] = x, z.Value
	}
	return images, want
}

// long skips tests that run the network where it takes ten seconds an image.
func long(t *testing.T) {
	if testing.Short() && asm.ISA() == "generic" {
		t.Skip("short tests do not run the network in plain Go")
	}
}

// The features are PyTorch's, to 2·10⁻⁶ of the largest.
func TestFeaturesArePyTorchs(t *testing.T) {
	long(t)
	images, want := golden(t)
	for name, x := range images {
		z, err := random().Of(context.Background(), x)
		if err != nil {
			t.Fatal(err)
		}
		far, scale := 0.0, 0.0
		for i, w := range want[name].Data() {
			far = max(far, math.Abs(float64(z.Data()[i])-float64(w)))
			scale = max(scale, math.Abs(float64(w)))
		}
		if !(far <= 2e-6*scale) {
			t.Errorf("%s: off by %.2g of the largest feature, %.4g", name, far/scale, scale)
		}
	}
}
