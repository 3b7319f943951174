package spdiff

import (
	"errors"
	"fmt"
)

// errNoConfig says that a file has weights, perhaps, and does not say what of.
var errNoConfig = errors.New("the metadata has no configuration under \"config\"")

// advice says what makes a model of the weights of others.
func advice(path string) string {
	return fmt.Sprintf("if these are the weights of an ADM U-Net, this makes a model of them: go run ./cmd/import -in %s -out model.safetensors "+
		"-size PIXELS -head-channels N -qkv legacy|new -schedule NAME -predict NAME (without flags but -in it says what the file itself tells)", path)
}
