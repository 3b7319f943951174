package spdiff

import "syscall"

// memory returns the bytes of memory that the machine has.
func memory() float64 {
	var info syscall.Sysinfo_t
	if syscall.Sysinfo(&info) != nil {
		return unknownMemory
	}
	return float64(info.Totalram) * float64(info.Unit)
}

// unknownMemory stands for a machine that does not tell: more than any has.
const unknownMemory = 1 << 44
