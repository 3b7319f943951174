package cli

import "os"

// Writable returns an error if no file can be made in a folder: to be asked before the work, not after it.
func Writable(folder string) error {
	probe, err := os.CreateTemp(folder, ".spdiff-*")
	if err != nil {
		return err
	}
	probe.Close()
	return os.Remove(probe.Name())
}
