//go:build amxemulated

package asm

// emulated makes a program believe that the processor has AMX, whatever cpuid says. It is for tests under internal/tilerun, which
// gives the permission that is still asked for; without it the kernel refuses, and nothing changes.
const emulated = true
