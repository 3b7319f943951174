//go:build !unix

package atomicfile

// syncFolder does nothing: Windows cannot sync a folder, and keeps names in a journal of its own.
func syncFolder(string) error { return nil }
