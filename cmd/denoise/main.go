// Command denoise removes noise and other damage from an image with a trained model, the same way in every orientation.
//
//	go run ./cmd/denoise -model runs/digits-1/model.safetensors -in photo.png
package main

import "spdiff/cmd/internal/cli"

func main() { cli.Main("denoise", run) }
