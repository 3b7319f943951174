//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd || windows)

package lock

import "os"

// take locks nothing.
func take(*os.File) (bool, error) { return true, nil }
