package nn

import (
	"hash/fnv"
	"math"
	"testing"
)

// The numbers of 20,000 steps have the same bits on every machine, wherever its compiler fuses: run it with GOAMD64=v3 and
// on arm64, too. The constant is that of a processor that cannot fuse.
func TestCoefficientBits(t *testing.T) {
	h := fnv.New64a()
	for _, rule := range []Rule{AdamW(), RAdam(), {Beta1: 0.95, Beta2: 0.9999, Eps: 1e-6, Decay: 0.05, Rectified: true}} {
		for _, rate := range []LearningRate{{Rate: 2e-3, Warmup: 100}, {Rate: 1e-4, Warmup: 1000, Total: 20000, Floor: 0.1}} {
			for n := range 20000 {
				eta := rate.At(n)
				s := rule.step(n+1, eta, 0.7)
				for _, v := range []uint64{math.Float64bits(eta), pair(s.Rate, s.Eps), pair(s.Decay, s.Root), pair(s.Beta1, s.Gain1), pair(s.Beta2, s.Gain2)} {
					for ; v > 0; v >>= 8 {
						h.Write([]byte{byte(v)})
					}
				}
			}
		}
	}
	if got, want := h.Sum64(), uint64(0x34b942e24a62f8d9); got != want {
		t.Errorf("the steps hash to %#x, want %#x", got, want)
	}
}

func pair(a, b float32) uint64 { return uint64(math.Float32bits(a))<<32 | uint64(math.Float32bits(b)) }
