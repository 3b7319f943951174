package clitest

import (
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// limitMemory lets the process take so many bytes of address space more, until the test is over.
func limitMemory(t *testing.T, more uint64) {
	t.Helper()
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return
	}
	pages, _, _ := strings.Cut(string(text), " ")
	n, err := strconv.ParseUint(pages, 10, 64)
	var old syscall.Rlimit
	if err != nil || syscall.Getrlimit(syscall.RLIMIT_AS, &old) != nil {
		return
	}
	limit := old
	limit.Cur = min(old.Max, n*uint64(os.Getpagesize())+more)
	if syscall.Setrlimit(syscall.RLIMIT_AS, &limit) == nil {
		t.Cleanup(func() { syscall.Setrlimit(syscall.RLIMIT_AS, &old) })
	}
}
