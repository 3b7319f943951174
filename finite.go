package spdiff

import "slices"

// notFinite returns the index of the first NaN or infinity in x, or −1.
func notFinite(x []float32) int {
	return slices.IndexFunc(x, func(v float32) bool { return v-v != 0 })
}
