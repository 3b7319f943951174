//go:build linux && amd64

package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// A tracer runs a program and all its threads, and its children with theirs.
type tracer struct {
	threads   map[int]*thread
	permitted bool // as soon as one of them has asked
	leaks     int  // threads that kept tiles
	log       io.Writer
}

const follow = unix.PTRACE_O_TRACECLONE | unix.PTRACE_O_TRACEFORK | unix.PTRACE_O_TRACEVFORK | unix.PTRACE_O_TRACEEXEC |
	unix.PTRACE_O_TRACEEXIT | unix.PTRACE_O_TRACESECCOMP | unix.PTRACE_O_EXITKILL

// start starts a program, stopped. All of it must be done by one thread of the kernel, which is the tracer to it.
func (t *tracer) start(path string, args []string) (int, error) {
	runtime.LockOSThread()
	if err := catchRequests(); err != nil {
		return 0, err
	}
	id, err := syscall.ForkExec(path, args, &syscall.ProcAttr{Env: os.Environ(), Files: []uintptr{0, 1, 2},
		Sys: &syscall.SysProcAttr{Ptrace: true}})
	if err != nil {
		return 0, fmt.Errorf("%s: %w", path, err)
	}
	var status unix.WaitStatus
	if _, err := unix.Wait4(id, &status, 0, nil); err != nil {
		return 0, fmt.Errorf("%s: wait: %w", path, err)
	}
	if err := unix.PtraceSetOptions(id, follow); err != nil {
		return 0, fmt.Errorf("%s: ptrace: %w", path, err)
	}
	t.threads = map[int]*thread{id: {id: id}}
	return id, unix.PtraceCont(id, 0)
}

// run lets the program run to its end, and returns how it ended.
func (t *tracer) run(id int) (unix.WaitStatus, error) {
	for {
		var status unix.WaitStatus
		stopped, err := unix.Wait4(-1, &status, unix.WALL, nil)
		switch {
		case err == unix.EINTR:
			continue
		case err != nil:
			return 0, fmt.Errorf("wait: %w", err)
		case !status.Stopped():
			delete(t.threads, stopped)
			if stopped == id {
				return status, nil
			}
			continue
		}
		unix.PtraceCont(stopped, int(t.stop(stopped, status))) // it may have been killed meanwhile
	}
}

// stop does what a thread's stop calls for, and returns the signal to let it go on with.
func (t *tracer) stop(id int, status unix.WaitStatus) unix.Signal {
	th, known := t.threads[id]
	if !known {
		th = &thread{id: id}
		t.threads[id] = th
		if status.StopSignal() == unix.SIGSTOP { // a new thread's first
			return 0
		}
	}
	switch cause := status.TrapCause(); {
	case status.StopSignal() == unix.SIGILL:
		return th.illegal(t.permitted, t.log)
	case cause <= 0:
		return status.StopSignal()
	case cause == unix.PTRACE_EVENT_SECCOMP:
		t.permitted = th.answer() || t.permitted
	case th.kept():
		t.leaks++
		fmt.Fprintf(t.log, "tilerun: thread %d calls the kernel or ends with its tiles configured: a kernel ended without tilerelease\n", id)
		th.tiles = tiles{}
	}
	return 0
}

// kept reports whether the thread is in a system call and has tiles. One that is killed elsewhere may be in the midst of its work.
func (t *thread) kept() bool {
	var regs unix.PtraceRegs
	return t.configured && unix.PtraceGetRegs(t.id, &regs) == nil && int64(regs.Orig_rax) >= 0
}
