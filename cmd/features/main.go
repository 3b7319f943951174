// Command features trains the feature networks of package nn/fd, whose weights come with the program, to the same bits anywhere.
//
//	go run ./cmd/features -data mnist:FOLDER digits
package main

import "spdiff/cmd/internal/cli"

func main() { cli.Main("features", run) }
