package cli

import (
	"path/filepath"
	"strings"
	"testing"
)

// Who has built the programs calls them as this one is called; go run is for who has run this one so.
func TestCommand(t *testing.T) {
	for path, want := range map[string]bool{
		"/a/go-build12/b001/exe/train":                       true,
		"/a/.cache/go-build/ab/train":                        true,
		"/cache/ab/" + strings.Repeat("ab", 32) + "-d/train": true,
		"/a/cli.test":   true,
		"/a/go-d/train": false,
		"/a/bin/train":  false,
	} {
		if got := built(filepath.FromSlash(path)); got != want {
			t.Errorf("%s: built by go run: %v", path, got)
		}
	}
	for path, want := range map[string]string{"train": "sample", "./train": "./sample", "bin/train": "bin/sample", "train.exe": "sample.exe", "/a b/train": "/a b/sample"} {
		if got := beside(filepath.FromSlash(path), "sample"); got != filepath.FromSlash(want) {
			t.Errorf("beside %s: %s, want %s", path, got, want)
		}
	}
	if got := Command("train"); got != "go run ./cmd/train" {
		t.Errorf("of a test: %s", got)
	}
}
