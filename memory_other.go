//go:build !linux

package spdiff

import "math"

// processMemory returns more bytes than any machine has, but no more than an int counts: systems other than Linux are not asked, and
// absurd sizes alone are found.
func processMemory() float64 { return min(1<<44, math.MaxInt) }
