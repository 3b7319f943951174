//go:build unix && !aix && !solaris

package peak

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// Memory returns the most bytes of memory that this process has held at once.
func Memory() int64 {
	var u unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &u) != nil {
		return taken()
	}
	if runtime.GOOS == "darwin" || runtime.GOOS == "ios" {
		return int64(u.Maxrss)
	}
	return int64(u.Maxrss) << 10 // kibibytes
}
