//go:build !unix

package atomicfile

// Sync does nothing: Windows cannot sync a folder, and keeps names in a journal of its own.
func Sync(string) error { return nil }
