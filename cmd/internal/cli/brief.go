package cli

import (
	"fmt"
	"strings"
)

// Most of a message that a person is shown.
const (
	mostLines = 12
	mostRunes = 600 // of a line
)

// Whole begins a line of a message that is not cut, such as one to copy.
const Whole = "    "

// Brief returns a message cut to what a person reads, and says how much is left out. A line that begins with [Whole] is left as it is.
func Brief(text string) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	more := len(lines) - mostLines
	if more > 0 {
		lines = append(lines[:mostLines], fmt.Sprintf("… and %d lines more", more))
	}
	for i, l := range lines {
		if r := []rune(l); len(r) > mostRunes && !strings.HasPrefix(l, Whole) {
			lines[i] = string(r[:mostRunes]) + fmt.Sprintf("… (%d characters more)", len(r)-mostRunes)
		}
	}
	return strings.Join(lines, "\n")
}
