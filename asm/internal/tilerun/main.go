//go:build linux && amd64

package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

func main() {
	code, err := run(os.Args)
	if err != nil {
		fmt.Fprintln(os.Stderr, "tilerun:", err)
	}
	os.Exit(code)
}

// cpuinfo is where Linux says what the processor has.
var cpuinfo = "/proc/cpuinfo"

var errUnit = errors.New("this machine has AMX, whose instructions stop no program: run it without tilerun and the tag amxemulated")

// hasUnit reports whether the machine has AMX.
func hasUnit() bool {
	text, _ := os.ReadFile(cpuinfo)
	return slices.Contains(strings.Fields(string(text)), "amx_tile")
}

// run runs a program with its arguments and returns the code to exit with: its own, 1 if it kept tiles, 128 + n after signal n, and
// for what went wrong here 125, as other commands that run commands do.
func run(args []string) (int, error) {
	if len(args) < 2 {
		return 2, fmt.Errorf("name a program and its arguments")
	}
	if hasUnit() {
		return 125, errUnit
	}
	path, err := exec.LookPath(args[1])
	if err != nil {
		return 125, err
	}
	t := tracer{log: os.Stderr}
	id, err := t.start(path, args[1:])
	if err != nil {
		return 125, err
	}
	passOn(id)
	status, err := t.run(id)
	switch {
	case err != nil:
		return 125, err
	case status.Signaled():
		return 128 + int(status.Signal()), fmt.Errorf("%s: %v", path, status.Signal())
	case t.leaks > 0 && status.ExitStatus() == 0:
		return 1, fmt.Errorf("%s: %d threads kept their tiles", path, t.leaks)
	}
	return status.ExitStatus(), nil
}

// passOn passes on what others tell this process to do: go test wants to see where a test hangs.
func passOn(id int) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, unix.SIGQUIT, unix.SIGTERM)
	go func() {
		for s := range signals {
			unix.Kill(id, s.(unix.Signal))
		}
	}()
}
