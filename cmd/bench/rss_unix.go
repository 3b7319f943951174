//go:build unix

package main

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// peakRSS returns the largest resident size of the process so far, in MiB.
func peakRSS() int {
	var u unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &u) != nil {
		return 0
	}
	if runtime.GOOS == "darwin" || runtime.GOOS == "ios" { // bytes there, KiB elsewhere
		return int(u.Maxrss >> 20)
	}
	return int(u.Maxrss >> 10)
}
