// Command evaluate says how good a model, or a folder of images, is: the paper's numbers.
//
//	go run ./cmd/evaluate -model runs/digits-1/model.safetensors -reference digits
package main

import "spdiff/cmd/internal/cli"

func main() { cli.Main("evaluate", run) }
