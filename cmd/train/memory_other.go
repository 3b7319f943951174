//go:build !darwin && !linux

package main

// peakMemory returns the bytes of memory that this process has from the system, as far as Go's runtime knows.
func peakMemory() int64 { return goMemory() }
