package cli

import (
	"runtime"
	"strings"
)

// Quoted returns a word as a shell reads it here: sh, or cmd.exe, which knows only double quotes.
func Quoted(word string) string { return quotedFor(runtime.GOOS, word) }

func quotedFor(system, word string) string {
	plain, windows := "-_./:,=+", system == "windows"
	if windows {
		plain = `-_./:+\`
	}
	special := func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(plain, r))
	}
	switch {
	case word != "" && !strings.ContainsFunc(word, special):
		return word
	case windows:
		ends := len(word) - len(strings.TrimRight(word, `\`)) // which would take the quote for a part of the word
		return `"` + word + word[len(word)-ends:] + `"`       // no name of a file has a double quote there
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
