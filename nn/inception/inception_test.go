package inception

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"spdiff/autodiff"
	"spdiff/nn/features"
	"spdiff/tensor"
	"spdiff/tensor/safetensors"
)

func noise(n, h, w, c int) *tensor.Tensor {
	x := tensor.New(n, h, w, c)
	for i := range x.Data() {
		x.Data()[i] = float32(bits(7, uint64(i))>>40)/(1<<23) - 1
	}
	return x
}

func featuresOf(t *testing.T, n *Network, x *tensor.Tensor) []float32 {
	t.Helper()
	z, err := n.Of(context.Background(), x)
	if err != nil {
		t.Fatal(err)
	}
	return z.Data()
}

// An image has the same features beside others, alone, by one worker, and while others ask too, to the last bit.
func TestFeaturesAreTheImagesOwn(t *testing.T) {
	long(t)
	n, x := random(), noise(3, 20, 30, 3)
	want := featuresOf(t, n, x)
	if slices.Equal(want[:Dim], want[Dim:2*Dim]) {
		t.Fatal("two images have the same features")
	}
	defer tensor.SetWorkers(0)
	tensor.SetWorkers(1)
	if !slices.Equal(featuresOf(t, n, x), want) {
		t.Error("one worker changes the features")
	}
	tensor.SetWorkers(0)
	var wait sync.WaitGroup
	for i := range 3 {
		wait.Go(func() {
			alone := tensor.From(x.At(i).Data(), 1, 20, 30, 3)
			if z, err := n.Of(context.Background(), alone); err != nil || !slices.Equal(z.Data(), want[i*Dim:(i+1)*Dim]) {
				t.Errorf("image %d has other features alone: %v", i, err)
			}
		})
	}
	wait.Wait()
}

// Rounding to bytes is the default: what lies nearest to a byte is that byte.
func TestRounding(t *testing.T) {
	long(t)
	n, x := random(), noise(1, 4, 5, 1)
	exact, near := tensor.New(1, 4, 5, 1), tensor.New(1, 4, 5, 1)
	for i, v := range x.Data() {
		b := float32(int(127.5*(1+v))) / 127.5
		exact.Data()[i], near.Data()[i] = b-1, b-1+0.49/127.5*v
	}
	if !slices.Equal(featuresOf(t, n, near), featuresOf(t, n, exact)) {
		t.Error("what rounds to the same bytes has other features")
	}
	if slices.Equal(featuresOf(t, n.Unrounded(), near), featuresOf(t, n.Unrounded(), exact)) {
		t.Error("unrounded images are rounded")
	}
	if n.Name() != "inception-v3/random" || n.Unrounded().Name() != "inception-v3/random/unrounded" || n.Dim() != 2048 {
		t.Errorf("the names are %s and %s, with %d features", n.Name(), n.Unrounded().Name(), n.Dim())
	}
}

func TestRefuses(t *testing.T) {
	var n Network
	for _, s := range [][]int{{2, 8, 8}, {2, 8, 8, 4}, {2, 0, 8, 3}} {
		func() {
			defer func() {
				if e, ok := recover().(*features.ImagesError); !ok || !strings.Contains(e.Error(), "(N, H, W, 1) or (N, H, W, 3)") {
					t.Errorf("%v: no *ImagesError that helps: %v", s, e)
				}
			}()
			n.Of(context.Background(), tensor.New(s...))
		}()
	}
	x := noise(2, 4, 4, 3)
	x.Data()[50] = float32(inf())
	if _, err := n.Of(context.Background(), x); err == nil || !strings.Contains(err.Error(), "image 1: number 2 is +Inf") {
		t.Errorf("an infinity: %v", err)
	}
}

// Whatever is wrong with a file's tensors is said by name.
func TestWeightsErrors(t *testing.T) {
	for _, c := range []struct {
		want   string
		damage func(f *safetensors.File)
	}{
		{"Conv2d_1a_3x3.conv.weight 32×3×3×3 is missing", func(f *safetensors.File) { f.Tensors = f.Tensors[1:] }},
		{"Conv2d_1a_3x3.bn.bias is 5, not 32", func(f *safetensors.File) { f.Tensors[2].Value = tensor.New(5) }},
		{"extra 1 is no part of the network", func(f *safetensors.File) {
			f.Tensors = append(f.Tensors, safetensors.Tensor{Name: "extra", Value: tensor.New(1)})
		}},
		{"number 3 of Conv2d_1a_3x3.bn.running_mean is +Inf", func(f *safetensors.File) {
			f.Tensors[3].Value = f.Tensors[3].Value.Clone()
			f.Tensors[3].Value.Data()[3] = float32(inf())
		}},
		{"number 0 of Conv2d_1a_3x3.bn.running_var is -1", func(f *safetensors.File) {
			f.Tensors[4].Value = f.Tensors[4].Value.Clone()
			f.Tensors[4].Value.Data()[0] = -1
		}},
		{"and 466 faults more", func(f *safetensors.File) { f.Tensors = nil }},
	} {
		f := &safetensors.File{Tensors: slices.Clone(madeUp().Tensors)}
		c.damage(f)
		_, err := New(f, "damaged")
		var e *WeightsError
		if !errors.As(err, &e) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("the error is %v, not that %s", err, c.want)
		}
	}
}

// What trained networks have besides is left aside.
func TestIgnoresTheRest(t *testing.T) {
	f := &safetensors.File{Tensors: slices.Clone(madeUp().Tensors)}
	for _, name := range []string{"fc.weight", "fc.bias", "AuxLogits.conv0.conv.weight", "Mixed_5b.branch1x1.bn.num_batches_tracked"} {
		f.Tensors = append(f.Tensors, safetensors.Tensor{Name: name, Value: tensor.New(1)})
	}
	if _, err := find(f); err != nil {
		t.Error(err)
	}
}

// Errors of files name them, and the label is what sha256sum prints first.
func TestLoadNamesTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "some.safetensors")
	if err := os.WriteFile(path, append([]byte{2, 0, 0, 0, 0, 0, 0, 0}, "{}"...), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, label, err := read(path); err != nil || label != "411a4852" {
		t.Errorf("the label is %s: %v", label, err)
	}
	_, err := Load(path)
	var e *WeightsError
	if !errors.As(err, &e) || !strings.Contains(err.Error(), path) {
		t.Errorf("the error is %v", err)
	}
	torch := "../../tensor/torchfile/testdata/state.pt"
	if _, err := Load(torch); !errors.As(err, &e) || !strings.Contains(err.Error(), torch) {
		t.Errorf("the error is %v", err)
	}
	if _, err := Load(path + ".gone"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the error is %v", err)
	}
}

// The number of multiply-adds is that of the graph's products.
func TestMultiplyAdds(t *testing.T) {
	weights, err := fold(madeUp())
	if err != nil {
		t.Fatal(err)
	}
	flops := int64(0)
	_, out := graph(weights, 1)
	for _, o := range autodiff.Compile(out).Ops() {
		if strings.HasPrefix(o.Name, "product") {
			flops += o.FLOPs
		}
	}
	if flops != 2*MultiplyAdds {
		t.Errorf("there are %d", flops/2)
	}
}
