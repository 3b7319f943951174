package spdiff

import (
	"io/fs"
	"math"
	"os"
	"path"
	"strconv"
	"strings"
	"syscall"
)

// processMemory returns the machine's memory, or less where a control group (of a container, a batch system), the limit of the
// process's address space (ulimit -v) or the size of an int says so.
func processMemory() float64 {
	return min(machineMemory(), groupMemory(os.DirFS("/")), addressSpace(), math.MaxInt)
}

// unknownMemory stands for a machine that does not tell: more than any has.
const unknownMemory = 1 << 44

func machineMemory() float64 {
	var info syscall.Sysinfo_t
	if syscall.Sysinfo(&info) != nil {
		return unknownMemory
	}
	return float64(info.Totalram) * float64(info.Unit)
}

// groupMemory returns the least limit of the control groups that the process is in, of version 1 or 2, and of those above them.
func groupMemory(root fs.FS) float64 {
	least := float64(unknownMemory)
	groups, err := fs.ReadFile(root, "proc/self/cgroup")
	if err != nil {
		return least
	}
	for line := range strings.Lines(string(groups)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3) // number, controllers, path
		if len(parts) != 3 {
			continue
		}
		switch {
		case parts[1] == "":
			least = min(least, leastLimit(root, "sys/fs/cgroup", parts[2], "memory.max"))
		case strings.Contains(","+parts[1]+",", ",memory,"):
			least = min(least, leastLimit(root, "sys/fs/cgroup/memory", parts[2], "memory.limit_in_bytes"))
		}
	}
	return least
}

// leastLimit returns the least limit that the files of a name say, from a group upwards. In a container the groups above are not
// there to be read, and the path may be that outside.
func leastLimit(root fs.FS, mount, group, name string) float64 {
	least := float64(unknownMemory)
	for g := path.Join("/", group); ; g = path.Dir(g) {
		if text, err := fs.ReadFile(root, path.Join(mount, g, name)); err == nil {
			if n, err := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64); err == nil { // "max" is none
				least = min(least, float64(n))
			}
		}
		if g == "/" {
			return least
		}
	}
}

// addressSpace returns how much of its address space the process may still take.
func addressSpace() float64 {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_AS, &limit) != nil || limit.Cur > unknownMemory {
		return unknownMemory
	}
	used := 0.0
	if text, err := os.ReadFile("/proc/self/statm"); err == nil {
		pages, _, _ := strings.Cut(string(text), " ")
		n, _ := strconv.ParseFloat(pages, 64)
		used = n * float64(os.Getpagesize())
	}
	return max(0, float64(limit.Cur)-used)
}
