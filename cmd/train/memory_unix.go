//go:build darwin || linux

package main

import (
	"runtime"
	"syscall"
)

// peakMemory returns the most bytes of memory that this process has held at once.
func peakMemory() int64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return goMemory()
	}
	if runtime.GOOS == "linux" {
		return int64(u.Maxrss) << 10 // kibibytes
	}
	return int64(u.Maxrss)
}
