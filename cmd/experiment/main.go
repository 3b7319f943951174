// Command experiment repeats the experiments of section 6 of the paper: it trains every model on every size of the training set,
// measures all of them, and writes a report with the paper's figures beside its own.
//
//	go run ./cmd/experiment -n rotmnist
//	go run ./cmd/experiment rotmnist -data mnist:FOLDER
package main

import "spdiff/cmd/internal/cli"

func main() { cli.Main("experiment", run) }
