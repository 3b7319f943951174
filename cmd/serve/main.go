// Command serve offers models to other programs over HTTP, and to people on a page.
//
//	go run ./cmd/serve -model runs/digits-1/model.safetensors
//
// A request goes through these files: guard.go says who may ask, server.go what can be asked, queue.go when it is worked on,
// upload.go and settings.go read it, denoise.go, orientations.go and sample.go do it, answer.go or events.go write what came of
// it, and problem.go what went wrong. All that a request can take is bounded by limits.go. openapi.yaml describes the whole, and the
// tests hold each answer against it.
package main

import "spdiff/cmd/internal/cli"

func main() {
	cli.IgnoreBrokenPipes() // of clients that go away
	cli.Main("serve", run)
}
