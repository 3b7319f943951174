//go:build linux || darwin

package cli_test

import (
	"bufio"
	"syscall"
	"testing"
	"time"
)

// The first interrupt cancels the context, and the command goes on to its end; the second ends the process.
func TestSignals(t *testing.T) {
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
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
		ended, patience := make(chan error, 1), time.After(20*time.Second)
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
