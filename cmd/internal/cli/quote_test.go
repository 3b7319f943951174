package cli

import (
	"os/exec"
	"testing"
)

// cmd.exe knows only double quotes; sh takes no apostrophe between apostrophes.
func TestQuoted(t *testing.T) {
	for _, c := range []struct{ word, unix, windows string }{
		{`my run\`, `'my run\'`, `"my run\\"`},
		{"runs/a-1.5", "runs/a-1.5", "runs/a-1.5"},
		{"", "''", `""`},
		{"my run", "'my run'", `"my run"`},
		{"it's?size=8&n=2", `'it'\''s?size=8&n=2'`, `"it's?size=8&n=2"`},
		{`C:\a`, `'C:\a'`, `C:\a`},
	} {
		if unix, windows := quotedFor("linux", c.word), quotedFor("windows", c.word); unix != c.unix || windows != c.windows {
			t.Errorf("%q: %s and %s, want %s and %s", c.word, unix, windows, c.unix, c.windows)
		}
	}
}

// A shell reads what is quoted as the word that it was.
func TestShellReadsQuoted(t *testing.T) {
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("SKIPPED: words as a shell reads them: there is no sh")
	}
	for _, word := range []string{"", "a b", "it's", `$HOME "x" \ é`, "a?b=1&c=*"} {
		out, err := exec.Command("sh", "-c", "printf %s "+quotedFor("linux", word)).Output()
		if err != nil || string(out) != word {
			t.Errorf("%q is read as %q, %v", word, out, err)
		}
	}
}
