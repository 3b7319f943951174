package sde

import (
	"context"
	"math"
	"testing"

	"spdiff/asm"
	"spdiff/tensor"
)

// smooth is a denoiser made of operations whose bits are the same everywhere.
func smooth(z, x []float32, t float64) error {
	asm.Scale(z, float32(2-t), x)
	asm.Tanh(z, z)
	return nil
}

// Bits that every machine must give, with any instruction set, any compiler and any number of workers: those of every method's
// images, of a Brownian path, and of a likelihood.
func TestImageBits(t *testing.T) {
	defer tensor.SetWorkers(0)
	for _, n := range []int{0, 1} {
		tensor.SetWorkers(n)
		imageBits(t)
	}
}

func imageBits(t *testing.T) {
	sum := uint64(14695981039346656037)
	hash := func(bits uint64) { sum = (sum ^ bits) * 1099511628211 }
	for _, m := range methods {
		for _, p := range []Process{PaperCosine, SongVE} {
			x := make([]float32, 3*20)
			s := Sampler{Process: p, Solver: m, Times: Grid(p, m, 12), Noise: Seeded(3)}
			if err := s.Generate(context.Background(), smooth, x, []int{0, 1, 2}); err != nil {
				t.Fatal(err)
			}
			for _, v := range x {
				hash(uint64(math.Float32bits(v)))
			}
		}
	}
	w, h := make([]float32, 30), make([]float32, 30)
	Brownian{Seed: 2, From: 1, To: 0}.Increment(w, h, 4, 0.7, 0.123)
	for i := range w {
		hash(uint64(math.Float32bits(w[i])))
		hash(uint64(math.Float32bits(h[i])))
	}
	logp := make([]float64, 2)
	l := Likelihood{Process: PaperCosine, Times: LogSNR(PaperCosine, 0.99, 0.1, 8), Probes: 2, Noise: Seeded(1)}
	if err := l.LogDensity(context.Background(), Denoiser(smooth).Difference(0.01), logp, w, []int{0, 1}); err != nil {
		t.Fatal(err)
	}
	for _, v := range logp {
		hash(math.Float64bits(v))
	}
	if want := uint64(0x2799170bd77a0c3); sum != want {
		t.Errorf("the images hash to %#x, want %#x", sum, want)
	}
}
