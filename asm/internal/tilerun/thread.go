//go:build linux && amd64

package main

import (
	"errors"
	"fmt"
	"io"

	"golang.org/x/sys/unix"
)

// A thread is one of the program's.
type thread struct {
	id int
	tiles
}

// Read and Write are of the thread's memory, whose pages must allow it.
func (t *thread) Read(at uint64, to []byte) error {
	local := []unix.Iovec{{Base: &to[0], Len: uint64(len(to))}}
	n, err := unix.ProcessVMReadv(t.id, local, []unix.RemoteIovec{{Base: uintptr(at), Len: len(to)}}, 0)
	return accessed("read", at, n, len(to), err)
}

func (t *thread) Write(at uint64, from []byte) error {
	local := []unix.Iovec{{Base: &from[0], Len: uint64(len(from))}}
	n, err := unix.ProcessVMWritev(t.id, local, []unix.RemoteIovec{{Base: uintptr(at), Len: len(from)}}, 0)
	return accessed("write", at, n, len(from), err)
}

// An accessError says what memory could not be read or written.
type accessError struct {
	what   string
	at     uint64
	n, len int
	cause  error
}

func (e *accessError) Error() string {
	return fmt.Sprintf("cannot %s %d bytes at %#x: %d are there (%v)", e.what, e.len, e.at, e.n, e.cause)
}

func accessed(what string, at uint64, n, want int, err error) error {
	if err != nil || n != want {
		return &accessError{what, at, n, want, err}
	}
	return nil
}

// code reads the instructions from a place on, up to the end of its page at least.
func (t *thread) code(at uint64) []byte {
	var b [64]byte
	if t.Read(at, b[:]) == nil {
		return b[:]
	}
	n := min(64, 4096-at%4096)
	if t.Read(at, b[:n]) != nil {
		n = 0
	}
	return b[:n]
}

// illegal executes the AMX instruction that stopped the thread as illegal, and all AMX instructions that directly follow it. It returns
// the signal to go on with: none, or that of the fault.
func (t *thread) illegal(permitted bool, log io.Writer) unix.Signal {
	var regs unix.PtraceRegs
	if err := unix.PtraceGetRegs(t.id, &regs); err != nil {
		return unix.SIGILL
	}
	registers := [16]uint64{regs.Rax, regs.Rcx, regs.Rdx, regs.Rbx, regs.Rsp, regs.Rbp, regs.Rsi, regs.Rdi,
		regs.R8, regs.R9, regs.R10, regs.R11, regs.R12, regs.R13, regs.R14, regs.R15}
	begin, code := regs.Rip, t.code(regs.Rip)
	for {
		in, err := decode(code)
		if err != nil {
			break
		}
		err = errPermission
		if permitted {
			err = t.execute(in, &registers, t)
		}
		if err != nil {
			fmt.Fprintf(log, "tilerun: thread %d at %#x: %v\n", t.id, regs.Rip, err)
			unix.PtraceSetRegs(t.id, &regs)
			return signalOf(err)
		}
		regs.Rip, code = regs.Rip+uint64(in.length), code[in.length:]
	}
	if regs.Rip == begin || unix.PtraceSetRegs(t.id, &regs) != nil {
		return unix.SIGILL
	}
	return 0
}

// signalOf is what the kernel makes of a fault.
func signalOf(err error) unix.Signal {
	if _, ok := errors.AsType[*accessError](err); ok {
		return unix.SIGSEGV
	}
	return unix.SIGILL
}
