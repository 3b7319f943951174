package asm

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// parts are the files that a kernel may have, each name with one of these after it.
var parts = []string{".go", "_generic.go", "_amd64.go", "_amd64.s", "_stubs_amd64.go", "_arm64.go", "_arm64.s", "_noasm.go", "_test.go",
	"_linux.go", "_other.go"} // what is asked of the operating system

// A family of kernels has its files and no others: name.go and its reference; on amd64 a choice, assembly and its stubs; the rest
// of the machines; and where there is assembly for arm64, its stubs.
func TestFilesOfKernels(t *testing.T) {
	names, err := filepath.Glob("*")
	if err != nil {
		t.Fatal(err)
	}
	has := map[string][]string{}
	for _, name := range names {
		if !strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, ".s") {
			continue
		}
		base, part := name, ""
		for _, p := range parts { // the longest that fits
			if b, ok := strings.CutSuffix(name, p); ok && len(p) > len(part) {
				base, part = b, p
			}
		}
		if strings.Contains(base, "_") && part != "_test.go" {
			t.Errorf("%s: a kernel's files are named %v", name, parts)
		}
		has[base] = append(has[base], part)
	}
	kernels := 0
	for base, files := range has {
		with := func(part string) bool { return slices.Contains(files, part) }
		if with("_generic.go") {
			kernels++
		}
		for part, needs := range map[string][]string{
			"_generic.go": {".go", "_amd64.go", "_amd64.s", "_stubs_amd64.go", "_noasm.go"},
			"_amd64.s":    {"_generic.go"},
			"_arm64.s":    {"_generic.go", "_arm64.go"},
			"_amd64.go":   {".go", "_noasm.go"},
			"_arm64.go":   {".go", "_noasm.go"},
			"_noasm.go":   {".go"},
		} {
			for _, need := range needs {
				if with(part) && !with(need) {
					t.Errorf("there is %s%s, but no %s%s", base, part, base, need)
				}
			}
		}
		if with("_noasm.go") && buildLine(t, base+"_noasm.go") != tag(with("_arm64.go")) {
			t.Errorf("%s_noasm.go is not for all machines but those that have a file of their own", base)
		}
	}
	if kernels < 10 {
		t.Errorf("only %d families of kernels were seen", kernels)
	}
}

// tag is the build line of a file for all machines but amd64, and but arm64 if that has a file of its own.
func tag(arm64 bool) string {
	if arm64 {
		return "//go:build purego || !(amd64 || arm64)"
	}
	return "//go:build purego || !amd64"
}

// buildLine returns the first line of a file.
func buildLine(t *testing.T, file string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	line, _, _ := strings.Cut(string(text), "\n")
	return line
}
