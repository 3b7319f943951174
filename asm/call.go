package asm

// callLen is the most numbers that a call of assembly works on: such a call cannot be preempted, so it is kept below 200 µs.
// It is a multiple of 16, for the reductions.
const callLen = 1 << 16

// callRows is callLen in whole rows of c numbers, at least one.
func callRows(c int) int { return max(1, callLen/c) * c }
