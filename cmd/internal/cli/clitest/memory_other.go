//go:build !linux

package clitest

import "testing"

// limitMemory does nothing: other systems have no such limit, or another.
func limitMemory(*testing.T, uint64) {}
