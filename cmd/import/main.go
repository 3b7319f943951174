// Command import makes a model of the weights of an ADM U-Net that another program trained.
//
//	go run ./cmd/import -in 256x256_diffusion_uncond.pt -size 256 -head-channels 64 -qkv legacy -schedule linear -predict eps
package main

import "spdiff/cmd/internal/cli"

func main() { cli.Main("import", run) }
