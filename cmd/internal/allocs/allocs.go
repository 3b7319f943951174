// Package allocs bounds the memory that a function takes, for tests of parsers that trust nothing.
package allocs

import (
	"runtime"
	"testing"
)

// Bound fails the test if f allocates more than limit bytes in all, whether or not they are freed again. Other goroutines must
// not allocate meanwhile.
func Bound(t testing.TB, limit int64, f func()) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	if n := int64(after.TotalAlloc - before.TotalAlloc); n > limit {
		t.Fatalf("%d bytes were taken; at most %d may be", n, limit)
	}
}
