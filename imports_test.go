package spdiff_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// allowed says which packages of the module each library package may import, itself and those below it: the one direction of
// docs/design.md. A package that is not listed may be imported by commands and tests alone.
var allowed = map[string][]string{
	"spdiff/asm":                {},
	"spdiff/group":              {},
	"spdiff/tensor":             {"asm"},
	"spdiff/tensor/safetensors": {"asm", "tensor"},
	"spdiff/tensor/npy":         {"asm", "tensor"},
	"spdiff/autodiff":           {"asm", "tensor"},
	"spdiff/nn":                 {"asm", "group", "tensor", "tensor/safetensors", "autodiff"},
	"spdiff/sde":                {"asm", "group", "tensor"},
	"spdiff":                    {"asm", "group", "tensor", "tensor/safetensors", "tensor/npy", "autodiff", "nn", "sde"},
}

// modules are those of others that library packages may import.
var modules = []string{"gonum.org/v1/gonum/", "github.com/klauspost/cpuid/v2", "golang.org/x/sys/"}

// Every library package imports only what lies below it, the standard library, and the modules named.
func TestImports(t *testing.T) {
	out, err := exec.Command("go", "list", "./...").Output()
	if err != nil {
		t.Skipf("SKIPPED: the imports are not checked: go list: %v", err)
	}
	for _, p := range strings.Fields(string(out)) {
		if strings.Contains(p, "/cmd/") {
			continue
		}
		below, ok := allowed[p]
		if !ok {
			t.Errorf("%s is in no place of the order; add it to the table and to docs/design.md", p)
			continue
		}
		deps, err := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", p).Output()
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range strings.Fields(string(deps)) {
			if d != p && !mayImport(below, d) {
				t.Errorf("%s depends on %s", p, d)
			}
		}
	}
}

func mayImport(below []string, dep string) bool {
	if name, ok := strings.CutPrefix(dep, "spdiff/"); ok {
		return slices.Contains(below, name)
	}
	return slices.ContainsFunc(modules, func(m string) bool { return strings.HasPrefix(dep+"/", m) })
}
