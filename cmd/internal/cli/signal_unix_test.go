//go:build linux || darwin

package cli_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os/exec"
	"os/signal"
	"syscall"
	"testing"
	"time"
)

// The first interrupt cancels the context, and the command goes on to its end; the second ends the process.
func TestSignals(t *testing.T) {
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		if signal.Ignored(s) {
			t.Logf("SKIPPED: %v is ignored by the process that runs the tests, and so by the command", s)
			continue
		}
		p := command(t, "-wait")
		in, err := p.StdinPipe() // which stays open
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close()
		out, err := p.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Start(); err != nil {
			t.Fatal(err)
		}
		defer p.Process.Kill()
		lines := bufio.NewScanner(out)
		for _, want := range []string{"ready", "saved"} {
			if !lines.Scan() || lines.Text() != want {
				t.Fatalf("%v: the command says %q, want %q", s, lines.Text(), want)
			}
			p.Process.Signal(s)
		}
		ended, patience := make(chan error, 1), time.After(5*time.Minute)
		go func() { ended <- p.Wait() }()
		for waiting := true; waiting; { // the context may be cancelled a little before a signal means the end
			select {
			case <-ended:
				waiting = false
			case <-patience:
				t.Fatalf("%v: the process does not end", s)
			case <-time.After(10 * time.Millisecond):
				p.Process.Signal(s)
			}
		}
		if w := p.ProcessState.Sys().(syscall.WaitStatus); !w.Signaled() || w.Signal() != s {
			t.Errorf("%v: the process ends with %v", s, p.ProcessState)
		}
	}
}

// A command that was asked to end, and has, has the exit code of its signal, also where nobody reads any more what it prints, and
// says which signal that was.
func TestExitCodesOfSignals(t *testing.T) {
	for s, code := range map[syscall.Signal]int{syscall.SIGINT: 130, syscall.SIGTERM: 143, syscall.SIGHUP: 129, syscall.SIGPIPE: 141} {
		if signal.Ignored(s) {
			t.Logf("SKIPPED: %v is ignored by the process that runs the tests, and so by the command", s)
			continue
		}
		p := command(t, "-leave")
		out, errors := ready(t, p)
		if s == syscall.SIGPIPE {
			out.Close()
		}
		p.Process.Signal(s)
		p.Wait()
		if got := p.ProcessState.ExitCode(); got != code || errors.String() != fmt.Sprintf("probe: work: ended by a signal: %v\n", s) {
			t.Errorf("%v: %v, %q; want exit code %d", s, p.ProcessState, errors, code)
		}
	}
}

// A signal that was ignored when the command began, as by nohup, stays ignored.
func TestNohup(t *testing.T) {
	probe := command(t, "-leave")
	p := exec.Command("sh", "-c", `trap "" HUP; exec "$0" -leave`, probe.Path)
	p.Env = probe.Env
	ready(t, p)
	p.Process.Signal(syscall.SIGHUP)
	time.Sleep(50 * time.Millisecond)
	p.Process.Signal(syscall.SIGTERM)
	p.Wait()
	if got := p.ProcessState.ExitCode(); got != 143 {
		t.Errorf("%v; want exit code 143", p.ProcessState)
	}
}

// ready starts a probe, and returns its output, after the line that says it is ready, and its errors.
func ready(t *testing.T, p *exec.Cmd) (out io.ReadCloser, errors *bytes.Buffer) {
	t.Helper()
	errors = &bytes.Buffer{}
	p.Stderr = errors
	out, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Process.Kill() })
	if _, err := io.ReadFull(out, make([]byte, len("ready\n"))); err != nil {
		t.Fatal(err)
	}
	return out, errors
}
