package cli_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"spdiff/asm"
	"spdiff/cmd/internal/cli"
	"spdiff/cmd/internal/cli/clitest"
)

// TestMain is also a command: the tests of exit codes run this program again.
func TestMain(m *testing.M) {
	if os.Getenv("CLI_TEST_COMMAND") != "" {
		cli.Main("probe", probe)
		return
	}
	os.Exit(m.Run())
}

// probe fails, or waits to be interrupted, as its flags say.
func probe(ctx context.Context, args []string) error {
	f := flag.NewFlagSet("probe", flag.ContinueOnError)
	fail, wait := f.Bool("fail", false, "fail"), f.Bool("wait", false, "wait for interrupts")
	leave, crash := f.Bool("leave", false, "wait for one interrupt"), f.Bool("crash", false, "panic")
	if err := cli.Parse(f, args, func(w io.Writer) { fmt.Fprintln(w, "usage: probe") }, "; it is a probe"); err != nil {
		return err
	}
	switch {
	case *fail:
		return errors.New("out of paper")
	case *crash:
		panic("no\nway")
	case *leave:
		fmt.Println("ready")
		<-ctx.Done()
		fmt.Println("saved")
		return fmt.Errorf("work: %w", ctx.Err())
	case *wait:
		fmt.Println("ready")
		<-ctx.Done()
		fmt.Println("saved")
		bytes.NewBuffer(nil).ReadFrom(os.Stdin) // until the test ends it
	}
	return nil
}

// command returns a process that runs the probe, not yet started.
func command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(exe, args...)
	c.Env = append(os.Environ(), "CLI_TEST_COMMAND=1")
	return c
}

// The exit code is 0 for what is done, help too, 1 for an error and 2 for wrong usage; help is standard output, errors are not.
func TestExitCodes(t *testing.T) {
	const help = "usage: probe\n  -crash\n    \tpanic\n  -fail\n    \tfail\n  -leave\n    \twait for one interrupt\n  -licences\n    \tprint the licences of all that is in this binary\n  -version\n    \tprint the version, and the hash of a model that is trained here and now: the same on every machine\n  -wait\n    \twait for interrupts\n"
	for _, c := range []struct {
		args        string
		code        int
		out, errors string
	}{
		{"", 0, "", ""},
		{"-h", 0, help, ""},
		{"-fail", 1, "", "probe: out of paper\n"},
		{"-fial", 2, "", "probe: flag provided but not defined: -fial\nrun with -h for help\n"},
		{"-fail=maybe", 2, "", "probe: invalid boolean value \"maybe\" for -fail: parse error\nrun with -h for help\n"},
		{"-fail more", 2, "", "probe: \"more\" is no flag; it is a probe\nrun with -h for help\n"},
	} {
		var out, errors bytes.Buffer
		p := command(t, strings.Fields(c.args)...)
		p.Stdout, p.Stderr = &out, &errors
		p.Run()
		if code := p.ProcessState.ExitCode(); code != c.code || out.String() != c.out || errors.String() != c.errors {
			t.Errorf("%q: exit code %d, %q, %q; want %d, %q, %q", c.args, code, out.String(), errors.String(), c.code, c.out, c.errors)
		}
	}
}

// A panic is one line, exit code 1, and a trace for who asks for it.
func TestPanic(t *testing.T) {
	for _, debug := range []string{"", "1"} {
		var errors bytes.Buffer
		p := command(t, "-crash")
		p.Env = append(p.Env, "SPDIFF_DEBUG="+debug)
		p.Stderr = &errors
		p.Run()
		lines := strings.Split(strings.TrimSpace(errors.String()), "\n")
		last := lines[len(lines)-1]
		if p.ProcessState.ExitCode() != 1 || !strings.Contains(last, "no way, in spdiff/cmd/internal/cli_test.probe") || !strings.HasPrefix(last, "probe: ") {
			t.Errorf("%v: %q", p.ProcessState, last)
		}
		if (len(lines) == 1) != (debug == "") {
			t.Errorf("SPDIFF_DEBUG=%s: %d lines", debug, len(lines))
		}
	}
}

// An instruction set that is not here is one line and exit code 2, whatever the command was asked.
func TestInstructionSetThatIsNotHere(t *testing.T) {
	for _, args := range []string{"", "-fail", "-h"} {
		var out, errors bytes.Buffer
		p := command(t, strings.Fields(args)...)
		p.Env = append(p.Env, "SPDIFF_ISA=abacus")
		p.Stdout, p.Stderr = &out, &errors
		p.Run()
		want := fmt.Sprintf("probe: asm: no instruction set \"abacus\" here; there are %s: unset SPDIFF_ISA, or name one of these\n",
			strings.Join(asm.Available(), ", "))
		if code := p.ProcessState.ExitCode(); code != 2 || out.Len() > 0 || errors.String() != want {
			t.Errorf("%q: exit code %d, %q, %q; want 2 and %q", args, code, out.String(), errors.String(), want)
		}
	}
}

// A usage error is what it wraps, and stays one when it is wrapped.
func TestUsageError(t *testing.T) {
	err := fmt.Errorf("train: %w", cli.Usagef("-data %s: %w", "x", os.ErrNotExist))
	var usage *cli.UsageError
	if !errors.As(err, &usage) || !errors.Is(err, os.ErrNotExist) || usage.Error() != "-data x: file does not exist" {
		t.Errorf("%v", err)
	}
}

func TestHelp(t *testing.T) {
	if help := clitest.Help(t, probe); !strings.HasPrefix(help, "usage: probe\n  -crash") {
		t.Errorf("-h prints %q", help)
	}
}

// A folder is made, and left empty; a file is none, and has none in it.
func TestWritableFolder(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "new", "folder")
	for range 2 {
		if err := cli.WritableFolder(folder); err != nil {
			t.Fatal(err)
		}
	}
	if files, err := os.ReadDir(folder); err != nil || len(files) != 0 {
		t.Errorf("it leaves %v (%v)", files, err)
	}
	file := filepath.Join(folder, "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{file, filepath.Join(file, "within")} {
		if err := cli.WritableFolder(path); err == nil || !strings.HasPrefix(err.Error(), path+": ") || !strings.Contains(err.Error(), "another folder") {
			t.Errorf("%v; want an error with %s and what to do", err, path)
		}
	}
}

// A file can be written where it is, or could be; a folder is none.
func TestWritableFile(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "file")
	for range 2 {
		if err := cli.WritableFile(path); err != nil {
			t.Error(err)
		}
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for path, want := range map[string]string{folder: "no file", filepath.Join(folder, "none", "file"): "cannot be written"} {
		if err := cli.WritableFile(path); err == nil || !strings.HasPrefix(err.Error(), path) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want an error with %q and the path", err, want)
		}
	}
}
