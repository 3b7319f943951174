// Command train trains a structure-preserving diffusion model and shows its samples as it goes.
//
//	go run ./cmd/train
//
// trains an exactly equivariant model of handwritten digits in ten minutes; -h lists what else it does.
package main

import (
	"spdiff/cmd/internal/cli"
	"spdiff/cmd/internal/train"
)

func main() { cli.Main("train", train.Run) }
