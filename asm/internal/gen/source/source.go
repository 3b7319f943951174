// Package source reads package asm's own text, so that its constants and the layout of its structs are written down once.
package source

import (
	"fmt"
	"go/ast"
	"go/build"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
)

// Source is the declarations of package asm for amd64.
type Source struct {
	scope *types.Scope
	list  map[string][]float64 // arrays of constants
}

// Read type-checks the package in a directory, without its functions' bodies and its imports.
func Read(dir string) (*Source, error) {
	files := token.NewFileSet()
	syntax, err := parse(files, dir)
	if err != nil {
		return nil, err
	}
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
	config := types.Config{IgnoreFuncBodies: true, Error: func(error) {}} // what is missing is missed when it is looked up
	pkg, _ := config.Check("asm", files, syntax, info)
	s := &Source{pkg.Scope(), map[string][]float64{}}
	for _, f := range syntax {
		ast.Inspect(f, func(n ast.Node) bool {
			if v, ok := n.(*ast.ValueSpec); ok && len(v.Values) == 1 {
				s.readList(v, info)
			}
			return true
		})
	}
	return s, nil
}

// parse reads the files of the package that are built for amd64.
func parse(files *token.FileSet, dir string) ([]*ast.File, error) {
	context := build.Default
	context.GOOS, context.GOARCH, context.BuildTags = "linux", "amd64", nil
	pkg, err := context.ImportDir(dir, 0)
	if err != nil {
		return nil, err
	}
	var syntax []*ast.File
	for _, name := range pkg.GoFiles {
		f, err := parser.ParseFile(files, filepath.Join(dir, name), nil, 0)
		if err != nil {
			return nil, err
		}
		syntax = append(syntax, f)
	}
	return syntax, nil
}

// readList keeps the elements of an array of constants.
func (s *Source) readList(v *ast.ValueSpec, info *types.Info) {
	lit, ok := v.Values[0].(*ast.CompositeLit)
	if !ok {
		return
	}
	var list []float64
	for _, e := range lit.Elts {
		value := info.Types[e].Value
		if value == nil {
			return
		}
		list = append(list, float(value))
	}
	s.list[v.Names[0].Name] = list
}

// Number returns the constant of a name. It panics if there is none, as the others do.
func (s *Source) Number(name string) float64 {
	c, ok := s.scope.Lookup(name).(*types.Const)
	if !ok {
		panic(fmt.Sprintf("package asm has no constant %s", name))
	}
	return float(c.Val())
}

// List returns the array of constants of a name.
func (s *Source) List(name string) []float64 {
	if s.list[name] == nil {
		panic(fmt.Sprintf("package asm has no array of constants %s", name))
	}
	return s.list[name]
}

func float(v constant.Value) float64 {
	f, _ := constant.Float64Val(constant.ToFloat(v))
	return f
}

// Struct returns the struct of a name.
func (s *Source) Struct(name string) *types.Struct {
	if o := s.scope.Lookup(name); o != nil {
		if t, ok := o.Type().Underlying().(*types.Struct); ok {
			return t
		}
	}
	panic(fmt.Sprintf("package asm has no struct %s", name))
}

// sizes are those of the compiler for amd64.
var sizes = types.SizesFor("gc", "amd64")

// Size returns how many bytes a struct has.
func (s *Source) Size(name string) int { return int(sizes.Sizeof(s.Struct(name))) }

// Offset returns where a field begins in a struct, in bytes.
func (s *Source) Offset(name, field string) int {
	t := s.Struct(name)
	fields := make([]*types.Var, t.NumFields())
	for i := range fields {
		fields[i] = t.Field(i)
	}
	for i, at := range sizes.Offsetsof(fields) {
		if fields[i].Name() == field {
			return int(at)
		}
	}
	panic(fmt.Sprintf("package asm's %s has no field %s", name, field))
}
