package train

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"spdiff/cmd/internal/cli/clitest"
)

// What the scripts of docs give to train are flags that there are: those of each row of defaults.sh, and all of bf16.sh.
func TestScripts(t *testing.T) {
	docs := filepath.Join("..", "..", "..", "docs")
	rows, script := filepath.Join(docs, "defaults.sh"), filepath.Join(docs, "bf16.sh")
	text, err := os.ReadFile(rows)
	if err != nil {
		t.Fatal(err)
	}
	calls := clitest.Calls(t, script, `"$out/train"`, "$data", "digits", "$run", "run", "$method", "wt", "$precision", "bf16", "$seed", "1")
	for _, row := range regexp.MustCompile(`(?m)^\w+ +(-method .*)$`).FindAllStringSubmatch(string(text), -1) {
		calls = append(calls, clitest.Calls(t, rows, `"$out/train"`, "$data", "digits", "$out/$name", "run", "$flags", row[1])...)
	}
	if len(calls) < 10 {
		t.Fatalf("there are %d calls: %q", len(calls), calls)
	}
	for _, args := range calls {
		if _, err := parse(args); err != nil {
			t.Errorf("%q: %v", args, err)
		}
	}
}
