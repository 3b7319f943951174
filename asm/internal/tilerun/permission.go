//go:build linux && amd64

package main

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The request by which a program asks the kernel for the tiles, and what it asks for.
const (
	requestPermission = 0x1023 // ARCH_REQ_XCOMP_PERM
	tileData          = 18     // XFEATURE_XTILE_DATA
)

// catchRequests has the kernel stop this thread's children at that request, so that it can be answered for them.
func catchRequests() error {
	const nr, arch, argument = 0, 4, 16 // places in struct seccomp_data
	load := func(at uint32) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: at}
	}
	unless := func(value uint32, skip uint8) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: value, Jf: skip}
	}
	end := func(action uint32) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: action}
	}
	filter := []unix.SockFilter{
		load(arch), unless(unix.AUDIT_ARCH_X86_64, 5),
		load(nr), unless(unix.SYS_ARCH_PRCTL, 3),
		load(argument), unless(requestPermission, 1),
		end(unix.SECCOMP_RET_TRACE),
		end(unix.SECCOMP_RET_ALLOW),
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("prctl(PR_SET_NO_NEW_PRIVS): %w", err)
	}
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	if err := unix.Prctl(unix.PR_SET_SECCOMP, unix.SECCOMP_MODE_FILTER, uintptr(unsafe.Pointer(&program)), 0, 0); err != nil {
		return fmt.Errorf("prctl(PR_SET_SECCOMP): %w", err)
	}
	return nil
}

// answer gives the permission that a thread has stopped to ask for, and reports whether it did.
func (t *thread) answer() bool {
	var regs unix.PtraceRegs
	if unix.PtraceGetRegs(t.id, &regs) != nil || regs.Rsi != tileData {
		return false
	}
	regs.Orig_rax, regs.Rax = ^uint64(0), 0 // no call, and its result
	return unix.PtraceSetRegs(t.id, &regs) == nil
}
