package spdiff_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// allowed says which packages of the module each library package may depend on, itself and those below it: the one direction
// of docs/design.md. A package that is not listed may be imported by commands and tests alone.
var allowed = map[string][]string{
	"spdiff/asm":                {},
	"spdiff/group":              {},
	"spdiff/tensor/elementary":  {},
	"spdiff/group/isometry":     {"group"},
	"spdiff/tensor/atomicfile":  {},
	"spdiff/tensor":             {"asm"},
	"spdiff/tensor/safetensors": {"asm", "tensor", "tensor/atomicfile"},
	"spdiff/tensor/npy":         {"asm", "tensor", "tensor/atomicfile"},
	"spdiff/tensor/metrics":     {"asm", "tensor/elementary", "tensor", "tensor/npy", "tensor/atomicfile"},
	"spdiff/tensor/torchfile":   {"asm", "tensor", "tensor/safetensors", "tensor/atomicfile"},
	"spdiff/tensor/warp":        {"asm", "tensor/elementary", "tensor"},
	"spdiff/autodiff":           {"asm", "tensor/elementary", "tensor"},
	"spdiff/nn":                 {"asm", "tensor/elementary", "group", "tensor", "tensor/safetensors", "tensor/atomicfile", "autodiff"},
	"spdiff/nn/features":        {"asm", "tensor/elementary", "tensor", "autodiff"},
	"spdiff/nn/fd":              {"asm", "tensor/elementary", "group", "tensor", "tensor/safetensors", "tensor/atomicfile", "autodiff", "nn", "nn/features"},
	"spdiff/nn/inception":       {"asm", "tensor/elementary", "tensor", "tensor/safetensors", "tensor/torchfile", "tensor/atomicfile", "autodiff", "nn/features"},
	"spdiff/sde":                {"asm", "tensor/elementary", "group", "tensor"},
	"spdiff/sde/theory":         {"asm", "tensor/elementary", "group", "group/isometry", "sde", "tensor"},
	"spdiff":                    {"asm", "tensor/elementary", "group", "tensor", "tensor/safetensors", "tensor/torchfile", "tensor/npy", "tensor/metrics", "tensor/atomicfile", "tensor/warp", "autodiff", "nn", "nn/features", "sde"},

	"spdiff/asm/internal/tilerun": {}, // a command that asm tests with
}

// modules are those of others that library packages may import, and testModules those that their tests may besides.
var (
	modules     = []string{"gonum.org/v1/gonum/", "github.com/klauspost/cpuid/v2/", "golang.org/x/sys/"}
	testModules = []string{"github.com/google/go-cmp/"}
)

// list returns the words that go list prints.
func list(t *testing.T, args ...string) []string {
	t.Helper()
	out, err := exec.Command("go", append([]string{"list"}, args...)...).Output()
	if err != nil {
		t.Fatalf("go list %v: %v", args, err)
	}
	return strings.Fields(string(out))
}

// Every library package depends only on what lies below it, the standard library, and the modules named, and so do its tests.
func TestImports(t *testing.T) {
	if err := exec.Command("go", "version").Run(); err != nil {
		t.Skipf("SKIPPED: the imports are not checked: go version: %v", err)
	}
	for _, p := range list(t, "./...") {
		if strings.Contains(p, "/cmd/") {
			continue
		}
		below, ok := allowed[p]
		if !ok {
			t.Errorf("%s is in no place of the order; add it to the table and to docs/design.md", p)
			continue
		}
		for _, d := range list(t, "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", p) {
			if d != p && !mayImport(below, d) {
				t.Errorf("%s depends on %s", p, d)
			}
		}
		for _, d := range list(t, "-f", `{{join .TestImports " "}} {{join .XTestImports " "}}`, p) {
			if strings.Contains(d, ".") && !from(modules, d) && !from(testModules, d) {
				t.Errorf("the tests of %s import %s", p, d)
			}
		}
	}
}

func mayImport(below []string, dep string) bool {
	if name, ok := strings.CutPrefix(dep, "spdiff/"); ok {
		return slices.Contains(below, name)
	}
	return from(modules, dep)
}

// from reports whether a package is of one of the modules.
func from(modules []string, dep string) bool {
	return slices.ContainsFunc(modules, func(m string) bool { return strings.HasPrefix(dep+"/", m) })
}
