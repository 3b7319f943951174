package main

import (
	"slices"
	"strings"
)

// valueOf returns what flags give one of that name, which has a value: the last of them, as train takes it.
func valueOf(flags []string, name string) (value string, ok bool) {
	each(flags, func(n, v string, _ []string) {
		if n == name {
			value, ok = v, true
		}
	})
	return value, ok
}

// without takes flags and their values from others, however often they are there.
func without(flags []string, names ...string) (rest []string) {
	each(flags, func(n, _ string, words []string) {
		if !slices.Contains(names, n) {
			rest = append(rest, words...)
		}
	})
	return rest
}

// each calls f for every flag, with its name, its value and the words that it is: -name value, -name=value, or -name alone. A word
// that begins with a digit after the minus is a value.
func each(flags []string, f func(name, value string, words []string)) {
	for i := 0; i < len(flags); {
		name, value, joined := strings.Cut(strings.TrimLeft(flags[i], "-"), "=")
		n := 1
		if !joined && i+1 < len(flags) && !isFlag(flags[i+1]) {
			value, n = flags[i+1], 2
		}
		f(name, value, flags[i:i+n])
		i += n
	}
}

// isFlag reports whether a word is the name of a flag.
func isFlag(word string) bool {
	return len(word) > 1 && word[0] == '-' && strings.IndexAny(word[1:2], "0123456789.") < 0
}
