package inception

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
)

// A file that PyTorch wrote of the whole network gives the weights that were made up, in every bit. It wants to be asked for:
// SPDIFF_PYTHON=/usr/bin/python3 go test -run Exchange ./nn/inception
func TestExchange(t *testing.T) {
	python := os.Getenv("SPDIFF_PYTHON")
	if exec.Command(python, "-c", "import torch, torchvision").Run() != nil {
		t.Skip("SKIPPED: no weights from PyTorch; SPDIFF_PYTHON does not name a Python that has PyTorch and torchvision")
	}
	path := filepath.Join(t.TempDir(), "inception.pth")
	if out, err := exec.Command(python, "testdata/make_inception_golden.py", path).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	f, _, err := read(path)
	if err != nil {
		t.Fatal(err)
	}
	got, err := find(f)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range madeUp().Tensors {
		if !slices.Equal(got[want.Name], want.Value.Data()) {
			t.Errorf("%s is another", want.Name)
		}
	}
}
