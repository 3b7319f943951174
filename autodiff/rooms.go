package autodiff

import "spdiff/tensor"

// workersOn bounds the worker numbers of a task of this many pieces.
func workersOn(pieces int) int { return min(pieces, tensor.MaxWorkers) }

// A carver hands out pieces of a scratch.
type carver []float32

// take returns the next n numbers.
func (c *carver) take(n int) []float32 {
	taken := (*c)[:n:n]
	*c = (*c)[n:]
	return taken
}
