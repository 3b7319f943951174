package spdiff

import (
	"errors"
	"fmt"
	"os"

	"spdiff/tensor/torchfile"
)

// errNoConfig says that a file has weights, perhaps, and does not say what of.
var errNoConfig = errors.New("the metadata has no configuration under \"config\"")

// foreign adds to an error about a file of others what makes a model of it.
func foreign(path string, err error) error {
	return fmt.Errorf("%w; if these are the weights of an ADM U-Net, this makes a model of them: go run ./cmd/import -in %s -out model.safetensors "+
		"-size PIXELS -head-channels N -qkv legacy|new -schedule NAME -predict NAME (without flags but -in it says what the file itself tells)", err, path)
}

// orForeign returns the error of reading a file as safetensors, or what to do with it if PyTorch wrote it.
func orForeign(path string, err error) error {
	f, open := os.Open(path)
	if open != nil {
		return err
	}
	defer f.Close()
	start := make([]byte, 16)
	if _, bad := f.ReadAt(start, 0); bad != nil || !torchfile.Is(start) {
		return err
	}
	return foreign(path, fmt.Errorf("%s: this is a file of PyTorch's torch.save, without a configuration", path))
}
