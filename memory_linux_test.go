package spdiff

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"testing/fstest"
)

// The least limit counts, of either version, of the group or of one above it, wherever the path leads.
func TestGroupMemory(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		want  float64
	}{
		"none":      {nil, unknownMemory},
		"unlimited": {map[string]string{"proc/self/cgroup": "0::/a\n", "sys/fs/cgroup/a/memory.max": "max\n"}, unknownMemory},
		"version 2": {map[string]string{"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/b/memory.max": "3000\n", "sys/fs/cgroup/a/memory.max": "max\n"}, 3000},
		"above":     {map[string]string{"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/b/memory.max": "3000\n", "sys/fs/cgroup/a/memory.max": "2000\n"}, 2000},
		"container": {map[string]string{"proc/self/cgroup": "0::/../../x\n", "sys/fs/cgroup/memory.max": "4000\n"}, 4000},
		"version 1": {map[string]string{"proc/self/cgroup": "12:cpu:/c\n4:hugetlb,memory:/docker/1\n0::/\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes": "5000\n", "sys/fs/cgroup/memory/docker/1/memory.limit_in_bytes": "9223372036854771712\n"}, 5000},
		"rubbish": {map[string]string{"proc/self/cgroup": "x\n:\n0::\n", "sys/fs/cgroup/memory.max": "-1\n"}, unknownMemory},
	} {
		root := fstest.MapFS{}
		for path, text := range c.files {
			root[path] = &fstest.MapFile{Data: []byte(text)}
		}
		if got := groupMemory(root); got != c.want {
			t.Errorf("%s: %v bytes, want %v", name, got, c.want)
		}
	}
}

// A limit of the address space is found by a process that has it.
func TestAddressSpace(t *testing.T) {
	if os.Getenv("MEMORY_TEST") != "" {
		if got := memory(); !(got > 0 && got < 8<<30) {
			t.Errorf("%v bytes of 8 GiB", got)
		}
		return
	}
	c := exec.Command("sh", "-c", `ulimit -v 8388608; exec "$0" -test.run '^TestAddressSpace$' -test.v`, os.Args[0])
	c.Env = append(os.Environ(), "MEMORY_TEST=1")
	if out, err := c.CombinedOutput(); err != nil || !strings.Contains(string(out), "PASS") {
		t.Errorf("%v: %s", err, out)
	}
}
