// Package clitest has what the tests of the commands share. A command is the function that cli.Main runs.
package clitest

import (
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"spdiff"
	"spdiff/cmd/internal/cli"
)

// A Command is what cli.Main runs.
type Command = func(ctx context.Context, args []string) error

// Captured returns what f prints on standard output.
func Captured(t *testing.T, f func()) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "out")
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	old := os.Stdout
	os.Stdout = out
	defer func() { os.Stdout = old }()
	f()
	out.Close()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Help returns what -h prints, and checks that no line of it is longer than 140 signs, except those of flags, which have a tab.
func Help(t *testing.T, run Command) string {
	t.Helper()
	help := Captured(t, func() {
		if err := run(context.Background(), []string{"-h"}); err != flag.ErrHelp {
			t.Errorf("-h returns %v", err)
		}
	})
	for line := range strings.Lines(help) {
		if utf8.RuneCountInString(line) > 141 && !strings.Contains(line, "\t") {
			t.Errorf("a line of -h is too long: %s", line)
		}
	}
	return help
}

// BadFlags checks that each of the arguments, words with spaces between them, is a usage error with the text beside it.
func BadFlags(t *testing.T, run Command, want map[string]string) {
	t.Helper()
	for args, text := range want {
		err := run(context.Background(), strings.Fields(args))
		var usage *cli.UsageError
		if !errors.As(err, &usage) || !strings.Contains(err.Error(), text) {
			t.Errorf("%s: %v; want a usage error with %q", args, err, text)
		}
	}
}

// Calls returns the arguments of each call of a program in a shell script, once texts are replaced, in pairs as strings.NewReplacer
// takes them, and quotes are gone. There is one at least.
func Calls(t *testing.T, script, program string, replace ...string) (calls [][]string) {
	t.Helper()
	text, err := os.ReadFile(script)
	if err != nil {
		t.Fatal(err)
	}
	plain := strings.NewReplacer(append(replace, `"`, "")...)
	for line := range strings.Lines(string(text)) {
		if _, call, ok := strings.Cut(line, program+" "); ok {
			call, _, _ = strings.Cut(call, " >")
			calls = append(calls, strings.Fields(plain.Replace(call)))
		}
	}
	if len(calls) == 0 {
		t.Fatalf("%s does not call %s", script, program)
	}
	return calls
}

// Model trains a model and returns its file.
func Model(t *testing.T, c spdiff.Config, source spdiff.Source) string {
	t.Helper()
	m, err := spdiff.Train(context.Background(), c, source, nil)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "model.safetensors")
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	return path
}
