package asm

// The reductions run 16 chains: element i belongs to chain i mod 16, which takes its elements in ascending order from the
// starting value. The chains then fold in halves: 0 with 8, …, 7 with 15; 0 with 4, …; 0 with 2, 1 with 3; 0 with 1.

// Sum returns Σ x, each chain starting from +0.
func Sum(x []float32) float32 { return sum(x) }

// Dot returns Σ x·y, each chain one of fused multiply-adds from +0.
func Dot(x, y []float32) float32 {
	if len(x) != len(y) {
		panicLength("Dot", len(x), len(y))
	}
	return dot(x, y)
}

// Max returns the greatest x, −Inf of none. NaN is passed over. Zeros of either sign count as equal; which of them is
// returned follows from the order of the chains: the earlier stays.
func Max(x []float32) float32 { return maximum(x) }
