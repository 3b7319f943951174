package nn

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"spdiff/group"
	"spdiff/tensor"
	"spdiff/tensor/safetensors"
)

// Weights written here mean the same to PyTorch, and weights written there mean the same here. Starting PyTorch takes some
// seconds, so the test wants to be asked for: SPDIFF_PYTHON=/usr/bin/python3 go test -run Exchange ./nn
func TestExchange(t *testing.T) {
	python := os.Getenv("SPDIFF_PYTHON")
	if exec.Command(python, "-c", "import torch").Run() != nil {
		t.Skip("SKIPPED: no exchange of weights with PyTorch; SPDIFF_PYTHON does not name a Python that has it")
	}
	for _, c := range []UNetConfig{small(group.C1, 12, 12), small(group.C4, 12, 12), wheel(group.C4, 12, 12), regularSmall(group.C4, 12, 12), regularSmall(group.D4, 12, 12)} {
		u := randomUNet(t, c, 1)
		c = u.Config
		in := map[string]*tensor.Tensor{
			"x": tensor.From(randomSlice(2*2*144, 1), 2, 2, 12, 12), "t": tensor.From([]float32{17, 981.5}, 2),
			"y": tensor.From([]float32{2, 0}, 2), "dz": tensor.New(2, 1, 12, 12),
		}
		f := Weights(u.params, map[string]string{"torch": fmt.Sprintf(`{"cin":%d,"cout":%d,"width":%d,"mult":[1,2,2],"blocks":%d,`+
			`"attention":[1,2,4],"head":%d,"classes":%d,"groups":%d,"kernel":%d}`, c.In, c.Out, c.Width, c.Blocks, c.Head, c.Classes, c.Groups, c.Kernel)})
		for name, v := range in {
			f.Tensors = append(f.Tensors, safetensors.Tensor{Name: name, Value: v})
		}
		there, back := filepath.Join(t.TempDir(), "there.safetensors"), filepath.Join(t.TempDir(), "back.safetensors")
		if err := safetensors.Write(there, f); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command(python, "../testdata/make_unet_golden.py", there, back).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		answer, err := safetensors.Read(back)
		if err != nil {
			t.Fatal(err)
		}
		compare(t, "our weights in PyTorch", run(u, in).z, answer.Get("z").Data(), 0)

		theirs := &safetensors.File{}
		for _, v := range answer.Tensors {
			if name, ok := strings.CutPrefix(v.Name, "new."); ok && name != "z" {
				theirs.Tensors = append(theirs.Tensors, safetensors.Tensor{Name: name, Value: v.Value})
			}
		}
		c.Group, c.Features, c.Taps = group.C1, Scalar, Square
		plain := randomUNet(t, c, 2)
		if err := SetWeights(plain.params, theirs); err != nil {
			t.Fatal(err)
		}
		compare(t, "PyTorch's weights here", run(plain, in).z, answer.Get("new.z").Data(), 0)
	}
}
