// Package embed is somebody else's program: a module of its own that trains a model on its own images, loads it, and serves its
// samples over HTTP. The tests of spdiff build and run it.
package embed
