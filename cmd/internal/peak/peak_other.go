//go:build !unix || aix || solaris

package peak

// Memory returns the bytes of memory that this process has from the system, as far as Go's runtime knows.
func Memory() int64 { return taken() }
