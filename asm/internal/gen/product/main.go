// Command product writes the assembly of package asm's Tile, TileBF16, RoundBF16, Outer, TreeSum, RingSums, AddSub and PeakFMA, and
// of all that is of AMX, for amd64:
//
//	go run ./product        (in asm/internal/gen)
package main

import (
	"log"
	"os"
	"path/filepath"

	"github.com/mmcloughlin/avo/build"

	"spdiff/asm/internal/gen/output"
	"spdiff/asm/internal/gen/source"
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
	{"tilebf16", (*machine).tilesBF16},
	{"roundbf16", (*machine).roundings},
	{"amx", (*machine).amxFamily},
}

func main() {
	log.SetFlags(0)
	dir := filepath.Join("..", "..")
	asm, err := source.Read(dir)
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range families {
		files, err := generate(asm, f.name, f.write)
		if err != nil {
			log.Fatal(f.name, ": ", err)
		}
		for name, text := range files {
			if err := os.WriteFile(filepath.Join(dir, name), text, 0o666); err != nil {
				log.Fatal(err)
			}
		}
	}
}

// generate returns a family's assembly and its stubs by file name.
func generate(asm *source.Source, name string, write func(m *machine)) (map[string][]byte, error) {
	c := build.NewContext()
	c.ConstraintExpr("!purego")
	for _, m := range machines {
		m.Context, m.source = c, asm
		write(&m)
	}
	return output.Files(c, "product", name)
}
