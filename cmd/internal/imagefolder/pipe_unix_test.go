//go:build unix

package imagefolder

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A pipe is an error at once, and is never waited for.
func TestPipe(t *testing.T) {
	root, dir := made(t, map[string]string{"a.png": grey(1, 1, 9)})
	for _, name := range []string{"b.png", labelsFile} {
		if err := syscall.Mkfifo(filepath.Join(dir, name), 0o600); err != nil {
			t.Skipf("SKIPPED: pipes: %v", err)
		}
		if _, err := New(t.Context(), root.FS(), "NAME", Options{}); err == nil || !strings.Contains(err.Error(), "not a regular file") {
			t.Errorf("%s: %v", name, err)
		}
		if name == "b.png" { // as the command advises
			if s, err := New(t.Context(), root.FS(), "NAME", Options{Choice: Choice{Without: []string{name}}}); err != nil || len(s.Names) != 1 {
				t.Errorf("without %s: %v", name, err)
			}
		}
		root.Remove(name)
	}
}
