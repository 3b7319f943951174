//go:build !unix && !windows

package progress

import "os"

// columns returns how many a terminal has; 0: that is not known.
func columns(*os.File) int { return 0 }
