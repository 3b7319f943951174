package spdiff_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A tree is what the pages speak of: all files, and of each Go file what it declares.
type tree struct {
	t     *testing.T
	files []string
	known map[string][]string        // of each file that was asked for
	took  map[string]map[string]bool // the flags of each command that was, and whether they take a value
}

func readTree(t *testing.T) *tree {
	z := &tree{t: t, known: map[string][]string{}, took: map[string]map[string]bool{}}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && path != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "runs") {
			return fs.SkipDir
		}
		z.files = append(z.files, filepath.ToSlash(path))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// has reports whether a file of the tree has that path, or one that ends with it.
func (z *tree) has(path string) bool {
	return slices.ContainsFunc(z.files, func(f string) bool { return f == path || strings.HasSuffix(f, "/"+path) })
}

// in returns the Go files of a folder, or of it and all below if it ends with "/...".
func (z *tree) in(folder string) (files []string) {
	folder, all := strings.CutSuffix(folder, "/...")
	folder = filepath.ToSlash(filepath.Clean(folder))
	for _, f := range z.files {
		at, name := filepath.ToSlash(filepath.Dir(f)), filepath.Base(f)
		if strings.HasSuffix(name, ".go") && (at == folder || all && (folder == "." || strings.HasPrefix(at, folder+"/"))) {
			files = append(files, f)
		}
	}
	return files
}

// names returns what a Go file declares: functions, types, variables and constants, and methods as Type.Method.
func (z *tree) names(path string) []string {
	if all, ok := z.known[path]; ok {
		return all
	}
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		z.t.Fatal(err)
	}
	var all []string
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			all = append(all, receiver(d)+d.Name.Name)
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					all = append(all, s.Name.Name)
				case *ast.ValueSpec:
					for _, n := range s.Names {
						all = append(all, n.Name)
					}
				}
			}
		}
	}
	z.known[path] = all
	return all
}

// receiver returns the type of a method and a dot, or nothing.
func receiver(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return ""
	}
	t := f.Recv.List[0].Type
	if p, is := t.(*ast.StarExpr); is {
		t = p.X
	}
	if p, is := t.(*ast.IndexExpr); is {
		t = p.X
	}
	return fmt.Sprint(t) + "."
}

// tests returns the names of the tests, examples and fuzz targets of Go files.
func (z *tree) tests(files []string) (all []string) {
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			for _, n := range z.names(f) {
				if aTest.MatchString(n) {
					all = append(all, n)
				}
			}
		}
	}
	return all
}

var aTest = regexp.MustCompile(`^(Test|Example|Fuzz|Benchmark)[A-Z_]\w*$`)

// flags returns the flags that a command has, those that its files define and then those of internal packages that it imports, and whether
// they take a value.
func (z *tree) flags(command string) map[string]bool {
	if all, ok := z.took[command]; ok {
		return all
	}
	all, todo, seen := map[string]bool{}, []string{command}, map[string]bool{}
	z.took[command] = all
	for len(todo) > 0 {
		folder := todo[0]
		if todo = todo[1:]; seen[folder] {
			continue
		}
		seen[folder] = true
		for _, path := range z.in(folder) {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			if err != nil {
				z.t.Fatal(err)
			}
			for _, i := range file.Imports {
				if p, _ := strconv.Unquote(i.Path.Value); strings.HasPrefix(p, "spdiff/cmd/internal/") {
					todo = append(todo, strings.TrimPrefix(p, "spdiff/"))
				}
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if call, is := n.(*ast.CallExpr); is {
					name, value, ok := flagOf(call)
					if _, known := all[name]; ok && !known {
						all[name] = value
					}
				}
				return true
			})
		}
	}
	return all
}

// flagOf returns the name of the flag that a call defines, and whether it takes a value.
func flagOf(call *ast.CallExpr) (name string, value, ok bool) {
	f, is := call.Fun.(*ast.SelectorExpr)
	if !is || len(call.Args) < 3 {
		return "", false, false
	}
	arg := 0
	if strings.HasSuffix(f.Sel.Name, "Var") {
		arg = 1
	}
	text, is := call.Args[arg].(*ast.BasicLit)
	if !is || text.Kind != token.STRING {
		return "", false, false
	}
	name, err := strconv.Unquote(text.Value)
	return name, !strings.HasPrefix(f.Sel.Name, "Bool"), err == nil
}
