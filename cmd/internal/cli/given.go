package cli

import (
	"maps"
	"slices"
)

// NotAmong returns the first, by the alphabet, of the flags that are given and are not some; "" where there is none.
func NotAmong(given map[string]bool, some []string) string {
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if !slices.Contains(some, name) {
			return name
		}
	}
	return ""
}
