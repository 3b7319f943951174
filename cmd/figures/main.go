// Command figures draws Figures 1 to 4 of the paper from runs of this module, as PNG and SVG, with the numbers measured in them.
//
//	go run ./cmd/figures
package main

import "spdiff/cmd/internal/cli"

func main() { cli.Main("figures", run) }
