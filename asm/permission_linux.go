//go:build amd64 && !purego

package asm

import (
	"fmt"
	"syscall"
)

// requestTiles asks the kernel, once for the process, to let it use tiles, and returns why it does not. They are 8 KiB more for each
// thread to keep, and in the stacks that signals are handled on, so the kernel gives them only to those who ask:
// arch_prctl(ARCH_REQ_XCOMP_PERM, XFEATURE_XTILE_DATA), of Linux 5.16 and later.
func requestTiles() error {
	if _, _, errno := syscall.RawSyscall(syscall.SYS_ARCH_PRCTL, 0x1023, 18, 0); errno != 0 {
		return fmt.Errorf("arch_prctl(ARCH_REQ_XCOMP_PERM): %w", errno)
	}
	return nil
}
