package main

import (
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
)

// A source holds the constants of a file of package asm, so that they are written down once.
type source struct {
	scope *types.Scope
	list  map[string][]float64 // arrays
}

// readSource type-checks the file, which must not import anything.
func readSource(file string) (*source, error) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, file, nil, 0)
	if err != nil {
		return nil, err
	}
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
	pkg, err := new(types.Config).Check("asm", fset, []*ast.File{f}, info)
	if err != nil {
		return nil, err
	}
	s := &source{pkg.Scope(), map[string][]float64{}}
	ast.Inspect(f, func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok && len(v.Values) == 1 {
			if lit, ok := v.Values[0].(*ast.CompositeLit); ok {
				for _, e := range lit.Elts {
					s.list[v.Names[0].Name] = append(s.list[v.Names[0].Name], float(info.Types[e].Value))
				}
			}
		}
		return true
	})
	return s, nil
}

// number returns the constant name.
func (s *source) number(name string) float64 { return float(s.scope.Lookup(name).(*types.Const).Val()) }

func float(v constant.Value) float64 {
	f, _ := constant.Float64Val(constant.ToFloat(v))
	return f
}
