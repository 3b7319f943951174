package cli

import (
	"strings"
	"testing"
)

// A message of a few lines is shown as it is; of a long one its beginning, and how much more there is.
func TestBrief(t *testing.T) {
	for text, want := range map[string]string{
		"":                               "",
		"one\ntwo\n":                     "one\ntwo",
		strings.Repeat("x\n", 12):        strings.TrimRight(strings.Repeat("x\n", 12), "\n"),
		strings.Repeat("x\n", 1000):      strings.Repeat("x\n", 12) + "… and 988 lines more",
		"a\n" + strings.Repeat("é", 1e4): "a\n" + strings.Repeat("é", 600) + "… (9400 characters more)",
		"a\n    -data " + strings.Repeat("é", 1e4): "a\n    -data " + strings.Repeat("é", 1e4),
	} {
		if got := Brief(text); got != want {
			t.Errorf("%.30q: %q, want %q", text, got, want)
		}
	}
}

// A panic names its function and its value, in one line.
func TestProtect(t *testing.T) {
	for _, err := range []error{
		protect(func() error { var none []int; _ = none[len(t.Name())]; return nil }),
		protect(func() error {
			_, err := Await(t.Context(), func() (int, error) { var none []int; return none[len(t.Name())], nil })
			return err
		}),
	} {
		if err == nil || !strings.Contains(err.Error(), "index out of range") || !strings.Contains(err.Error(), "cli.TestProtect") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v", err)
		}
	}
}
