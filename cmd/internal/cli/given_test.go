package cli_test

import (
	"testing"

	"spdiff/cmd/internal/cli"
)

// Of several flags that are not among those that may be it is always the first that is named.
func TestNotAmong(t *testing.T) {
	given := map[string]bool{"e": true, "d": true, "c": true, "b": true, "a": true}
	for range 20 {
		if name := cli.NotAmong(given, []string{"x", "a"}); name != "b" {
			t.Fatalf("it is %q, not b", name)
		}
	}
	if name := cli.NotAmong(given, []string{"a", "b", "c", "d", "e"}); name != "" {
		t.Errorf("all may be, but for %q", name)
	}
}
