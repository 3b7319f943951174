// Command export writes a trained model as an ONNX file, for programs in other languages.
//
//	go run ./cmd/export -model runs/digits-1/model.safetensors -out digits.onnx
package main

import "spdiff/cmd/internal/cli"

func main() { cli.Main("export", run) }
