// Package output prints what a generator has built as files of package asm.
package output

import (
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/pass"
	"github.com/mmcloughlin/avo/printer"
)

// Files returns the assembly of a family of kernels and its stubs, by file name. They say which generator wrote them.
func Files(c *build.Context, generator, family string) (map[string][]byte, error) {
	file, err := c.Result()
	if err != nil {
		return nil, err
	}
	if err := pass.Compile.Execute(file); err != nil {
		return nil, err
	}
	config := printer.Config{Name: "asm/internal/gen/" + generator, Pkg: "asm"}
	assembly, err := printer.NewGoAsm(config).Print(file)
	if err != nil {
		return nil, err
	}
	stubs, err := printer.NewStubs(config).Print(file)
	if err != nil {
		return nil, err
	}
	return map[string][]byte{family + "_amd64.s": assembly, family + "_stubs_amd64.go": stubs}, nil
}
