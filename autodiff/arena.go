package autodiff

import "unsafe"

// newArena returns n zeros that start at a multiple of 64 bytes, in large pages
// where the system has them to give.
func newArena(n int) []float32 {
	s := make([]float32, n+align)
	largePages(s)
	skip := 0
	for uintptr(unsafe.Pointer(&s[skip]))%(4*align) != 0 {
		skip++
	}
	return s[skip : skip+n : skip+n]
}
