package asm

// stretch is the most numbers that a call of assembly works on: such a call cannot be preempted, so it is kept below 200 µs.
// It is a multiple of 16, for the reductions.
const stretch = 1 << 16

// stretchOf is stretch in whole rows of c numbers, at least one.
func stretchOf(c int) int { return max(1, stretch/c) * c }
