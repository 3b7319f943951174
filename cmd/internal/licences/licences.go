package licences

import _ "embed"

//go:embed THIRD_PARTY.md
var text string

// Text returns the licences, as Markdown.
func Text() string { return text }
