package autodiff

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// covered lists the operations that a case is for.
func (c opCase) covered() []string {
	name, _, _ := strings.Cut(c.name, "/")
	return append([]string{name}, c.covers...)
}

// TestEveryOpHasACase reads the package's source for the names of operations.
func TestEveryOpHasACase(t *testing.T) {
	covered := map[string]bool{}
	for _, c := range opCases {
		for _, name := range c.covered() {
			covered[name] = true
		}
	}
	names := opNames(t)
	for name, where := range names {
		if !covered[name] {
			t.Errorf("%v: operation %q has no case in the table, see addCases", where, name)
		}
		delete(covered, name)
	}
	for name := range covered {
		t.Errorf("the table has a case for %q, which no op is named", name)
	}
	if len(names) < 20 {
		t.Errorf("only %d operations found: the search for them is broken", len(names))
	}
}

// opNames finds the names of operations: the string literals that op literals
// have as name, or that are passed as first argument to a function of the
// package that returns an op. An op with any other name is an error.
func opNames(t *testing.T) map[string]token.Position {
	fset := token.NewFileSet()
	files := parseSource(t, fset)
	makers := opMakers(files)
	names := map[string]token.Position{}
	add := func(e ast.Expr, inMaker bool) {
		if lit, ok := e.(*ast.BasicLit); ok {
			name, _ := strconv.Unquote(lit.Value)
			names[name] = fset.Position(lit.Pos())
		} else if !inMaker {
			t.Errorf("%v: the name of an op must be a string literal", fset.Position(e.Pos()))
		}
	}
	for _, f := range files {
		for _, d := range f.Decls {
			fn, _ := d.(*ast.FuncDecl)
			inMaker := fn != nil && (makers[fn.Name.Name] || fn.Name.Name == "source")
			ast.Inspect(d, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.CompositeLit:
					if name := opNameOf(n); name != nil {
						add(name, inMaker)
					}
				case *ast.CallExpr:
					if id, ok := n.Fun.(*ast.Ident); ok && makers[id.Name] {
						add(n.Args[0], inMaker)
					}
				}
				return true
			})
		}
	}
	return names
}

// parseSource parses the package's files other than tests.
func parseSource(t *testing.T, fset *token.FileSet) []*ast.File {
	paths, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	return files
}

// opMakers returns the functions that return an op; their first parameter is
// its name.
func opMakers(files []*ast.File) map[string]bool {
	makers := map[string]bool{}
	for _, f := range files {
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Type.Results != nil && isOp(fn.Type.Results.List[0].Type) {
				makers[fn.Name.Name] = true
			}
		}
	}
	return makers
}

func isOp(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == "op"
}

// opNameOf returns the name in an op literal, nil if lit is none.
func opNameOf(lit *ast.CompositeLit) ast.Expr {
	if !isOp(lit.Type) {
		return nil
	}
	for _, e := range lit.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			if key, ok := kv.Key.(*ast.Ident); ok && key.Name == "name" {
				return kv.Value
			}
		}
	}
	return lit
}
