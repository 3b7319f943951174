package clitest

import (
	"testing"

	"spdiff"
	"spdiff/asm"
	"spdiff/group"
	"spdiff/nn"
	"spdiff/tensor"
)

// Tiny returns the training of a network of 8×8 pixels for three steps, which take no time.
func Tiny(g group.Group, m spdiff.Method, channels, classes int) spdiff.Config {
	return spdiff.Config{
		Group: g, Method: m, Batch: 2, Steps: 3,
		Network: nn.UNetConfig{ImageHeight: 8, ImageWidth: 8, In: channels, Out: channels, Width: 8, Mult: []int{1}, Blocks: 1, Head: 8, Groups: 4,
			Kernel: 3, Classes: classes},
		Optimiser: nn.OptimiserConfig{Rule: nn.RAdam(), Averages: []nn.Average{{}}}, Rate: nn.LearningRate{Rate: 1e-2},
	}
}

// Noise is four noisy images of 8×8 pixels, of the classes in turn.
type Noise struct{ Channels, Classes int }

// Len returns 4.
func (Noise) Len() int { return 4 }

// Shape returns 8, 8 and the channels.
func (n Noise) Shape() (h, w, c int) { return 8, 8, n.Channels }

// Image sets dst to image i, numbers from 0 to 1.
func (n Noise) Image(dst []float32, i int) (class int, err error) {
	tensor.NewStream(5, uint64(i)).Uniform(dst, 0)
	return i % max(1, n.Classes), nil
}

// NeedsSIMD skips a test that trains more than a tiny network where there is no assembly.
func NeedsSIMD(t *testing.T) {
	t.Helper()
	if asm.ISA() == "generic" {
		t.Skip("SKIPPED: trainings take minutes without SIMD")
	}
}
