package autodiff

import (
	"syscall"
	"unsafe"
)

const largePage = 2 << 20

// largePages asks for pages of 2 MiB, before any of s is touched, which many
// systems give only on request. With pages of 4 KiB, a step waits for addresses
// to be translated.
func largePages(s []float32) {
	b := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), 4*len(s))
	skip := -uintptr(unsafe.Pointer(unsafe.SliceData(b))) % largePage
	if n := (uintptr(len(b)) - min(skip, uintptr(len(b)))) &^ (largePage - 1); n > 0 {
		_ = syscall.Madvise(b[skip:skip+n], syscall.MADV_HUGEPAGE) // that it may be refused is no harm
	}
}
