// Command sample draws images from a trained model.
//
//	go run ./cmd/sample -model runs/digits-1/model.safetensors -out grid.png
package main

import "spdiff/cmd/internal/cli"

func main() { cli.Main("sample", run) }
