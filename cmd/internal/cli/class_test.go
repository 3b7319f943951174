package cli_test

import (
	"strings"
	"testing"

	"spdiff/cmd/internal/cli"
)

// A class is said by its name, which comes before a number, or by its number; none is said by nothing.
func TestClass(t *testing.T) {
	names := []string{"cat", "dog", "0"}
	for _, c := range []struct {
		text  string
		names []string
		n     int
		want  int
		wrong string
	}{
		{"", names, 3, -1, ""}, {"-1", names, 3, -1, ""}, {"dog", names, 3, 1, ""}, {"1", names, 3, 1, ""}, {"0", names, 3, 2, ""},
		{"2", nil, 3, 2, ""}, {"0", nil, 0, 0, ""},
		{"3", names, 3, 0, "\"cat\" \"dog\""}, {"-2", names, 3, 0, "numbered from 0"}, {"cow", nil, 3, 0, "3 classes, numbered from 0"},
		{"1", nil, 0, 0, "without classes"}, {"cat", nil, 0, 0, "without classes"},
	} {
		got, err := cli.Class(c.text, c.names, c.n)
		if c.wrong == "" && (err != nil || got != c.want) || c.wrong != "" && (err == nil || !strings.Contains(err.Error(), c.wrong)) {
			t.Errorf("%q of %q: %d, %v", c.text, c.names, got, err)
		}
	}
}
