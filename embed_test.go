package spdiff_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Somebody else's program, a module of its own, builds against this one and its tests pass.
func TestEmbed(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: another module is not built in a short test")
	}
	if err := exec.Command("go", "version").Run(); err != nil {
		t.Skipf("SKIPPED: another module is not built: go version: %v", err)
	}
	for _, args := range [][]string{{"vet", "./..."}, {"test", "./..."}} {
		c := exec.Command("go", args...)
		c.Dir = filepath.Join("testdata", "embed")
		c.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=readonly")
		if out, err := c.CombinedOutput(); err != nil {
			t.Errorf("go %v in %s: %v\n%s", args, c.Dir, err, out)
		}
	}
}

// forbidden are what a library may not touch: the process's environment, its output, and what belongs to main.
var forbidden = map[string][]string{
	"os":       {"Getenv", "LookupEnv", "Environ", "ExpandEnv", "Setenv", "Stdin", "Stdout", "Stderr", "Args", "Exit", "Chdir"},
	"syscall":  {"Getenv", "Environ", "Exit", "Stdin", "Stdout", "Stderr", "Umask"},
	"fmt":      {"Print", "Printf", "Println", "Scan", "Scanf", "Scanln"},
	"log/slog": {"Default", "SetDefault", "SetLogLoggerLevel", "Debug", "DebugContext", "Info", "InfoContext", "Warn", "WarnContext", "Error", "ErrorContext", "Log", "LogAttrs", "With"},
	"log":      nil, "flag": nil, "os/signal": nil, "os/exec": nil, "expvar": nil, "net": nil, "net/http": nil, "math/rand": nil, "math/rand/v2": nil,
}

// The library prints nothing, reads no environment but SPDIFF_ISA, starts nothing when it is imported, and has no global
// random state.
func TestLibraryIsQuiet(t *testing.T) {
	files, reads := 0, []string{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != "." && (aModule(path) || slices.Contains([]string{"cmd", ".git", "testdata"}, d.Name())):
			return fs.SkipDir
		case !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		files++
		tree, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil || tree.Name.Name == "main" {
			return err
		}
		reads = append(reads, quiet(t, path, tree)...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 100 {
		t.Errorf("only %d files were read", files)
	}
	if !slices.Equal(reads, []string{"SPDIFF_ISA"}) {
		t.Errorf("the environment is read for %v, want SPDIFF_ISA", reads)
	}
}

func aModule(folder string) bool {
	_, err := os.Stat(filepath.Join(folder, "go.mod"))
	return err == nil
}

// quiet reports what a file does that a library should not, and returns the variables of the environment that it reads.
func quiet(t *testing.T, path string, tree *ast.File) (reads []string) {
	t.Helper()
	imports := map[string]string{} // by name
	for _, i := range tree.Imports {
		name := strings.Trim(i.Path.Value, `"`)
		imports[name[strings.LastIndex(name, "/")+1:]] = name
		if members, bad := forbidden[name]; bad && members == nil {
			t.Errorf("%s imports %s", path, name)
		}
		if i.Name != nil && (i.Name.Name == "." || forbidden[name] != nil) {
			t.Errorf("%s imports %s under another name", path, name)
		}
	}
	ast.Inspect(tree, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if f, ok := n.Fun.(*ast.Ident); ok && (f.Name == "print" || f.Name == "println") {
				t.Errorf("%s prints", path)
			}
			if name, ok := readsVariable(n); ok {
				reads = append(reads, name)
				return false
			}
		case *ast.SelectorExpr:
			if p, ok := n.X.(*ast.Ident); ok && slices.Contains(forbidden[imports[p.Name]], n.Sel.Name) {
				t.Errorf("%s uses %s.%s", path, p.Name, n.Sel.Name)
			}
		case *ast.FuncDecl:
			if n.Name.Name == "init" && n.Recv == nil && starts(n) {
				t.Errorf("%s starts a goroutine when it is imported", path)
			}
		}
		return true
	})
	return reads
}

// readsVariable returns the name in a call os.Getenv("NAME") or os.LookupEnv("NAME").
func readsVariable(call *ast.CallExpr) (string, bool) {
	f, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || len(call.Args) != 1 || f.Sel.Name != "Getenv" && f.Sel.Name != "LookupEnv" {
		return "", false
	}
	literal, ok := call.Args[0].(*ast.BasicLit)
	if !ok {
		return "", false
	}
	name, err := strconv.Unquote(literal.Value)
	return name, err == nil
}

// starts reports whether there is a go statement in a declaration.
func starts(n ast.Node) (found bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		_, is := n.(*ast.GoStmt)
		found = found || is
		return true
	})
	return found
}
