// Command product writes the assembly of package asm's Tile, Outer, TreeSum, RingSums, AddSub and PeakFMA for amd64:
//
//	go run ./product        (in asm/internal/gen)
package main

import (
	"log"
	"os"
	"path/filepath"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/pass"
	"github.com/mmcloughlin/avo/printer"
)

// families are the files and what writes them, for each instruction set.
var families = []struct {
	name  string
	write func(m *machine)
}{
	{"tile", (*machine).tiles},
	{"outer", (*machine).outers},
	{"tree", (*machine).trees},
	{"ring", (*machine).rings},
	{"addsub", (*machine).addSubs},
	{"peak", (*machine).peak},
}

func main() {
	log.SetFlags(0)
	for _, f := range families {
		files, err := generate(f.name, f.write)
		if err != nil {
			log.Fatal(f.name, ": ", err)
		}
		for name, text := range files {
			if err := os.WriteFile(filepath.Join("..", "..", name), text, 0o666); err != nil {
				log.Fatal(err)
			}
		}
	}
}

// generate returns a family's assembly and its stubs by file name.
func generate(name string, write func(m *machine)) (map[string][]byte, error) {
	c := build.NewContext()
	c.ConstraintExpr("!purego")
	for _, m := range machines {
		m.Context = c
		write(&m)
	}
	file, err := c.Result()
	if err != nil {
		return nil, err
	}
	if err := pass.Compile.Execute(file); err != nil {
		return nil, err
	}
	config := printer.Config{Name: "asm/internal/gen/product", Pkg: "asm"}
	assembly, err := printer.NewGoAsm(config).Print(file)
	if err != nil {
		return nil, err
	}
	stubs, err := printer.NewStubs(config).Print(file)
	if err != nil {
		return nil, err
	}
	return map[string][]byte{name + "_amd64.s": assembly, name + "_stubs_amd64.go": stubs}, nil
}
