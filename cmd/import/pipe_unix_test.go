//go:build unix

package main

import (
	"context"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A pipe is an error at once, and is never waited for.
func TestPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skipf("SKIPPED: pipes: %v", err)
	}
	if err := run(context.Background(), []string{"-in", path}); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Error(err)
	}
}
