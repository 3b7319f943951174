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

// Help returns what -h prints.
func Help(t *testing.T, run Command) string {
	t.Helper()
	return Captured(t, func() {
		if err := run(context.Background(), []string{"-h"}); err != flag.ErrHelp {
			t.Errorf("-h returns %v", err)
		}
	})
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
