// Command vector writes the assembly of package asm's vector, row, orbit and optimiser kernels for amd64:
//
//	go run ./vector        (in asm/internal/gen)
//
// A kernel is said once, for AVX2 and AVX-512 alike, in the vocabulary of target.go and loop.go.
package main

import (
	"fmt"
	"log"
	"maps"
	"os"
	"path/filepath"

	"github.com/mmcloughlin/avo/build"

	gen "spdiff/asm/internal/gen/machine"
	"spdiff/asm/internal/gen/output"
	"spdiff/asm/internal/gen/source"
)

// A family is the kernels of one file.
type family struct {
	name  string
	write func(t *target)
	flat  []elementwise // kernels whose choice of instruction set is generated as well
}

func each(list []elementwise) func(t *target) {
	return func(t *target) {
		for _, e := range list {
			e.write(t)
		}
	}
}

var families = []family{
	{"arith", each(arith), arith},
	{"transcend", each(transcend), transcend},
	{"trig", func(t *target) { t.writeTrig("sin", 0); t.writeTrig("cos", 1) }, nil},
	{"reduce", (*target).writeReductions, nil},
	{"rows", each(rows), rows},
	{"column", (*target).writeColumns, nil},
	{"norm", (*target).writeNorm, nil},
	{"softmax", (*target).writeSoftmax, nil},
	{"orbit", (*target).writeOrbits, nil},
	{"adam", (*target).writeAdam, nil},
}

func main() {
	log.SetFlags(0)
	dir := filepath.Join("..", "..")
	files, err := generate(dir)
	if err != nil {
		log.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o666); err != nil {
			log.Fatal(err)
		}
	}
}

// generate returns the text of every file to be written to dir, where package asm is.
func generate(dir string) (map[string][]byte, error) {
	src, err := source.Read(dir)
	if err != nil {
		return nil, err
	}
	all := map[string][]byte{}
	for _, f := range families {
		files, err := f.files(src)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.name, err)
		}
		maps.Copy(all, files)
	}
	return all, nil
}

// files returns the family's assembly, its stubs, and the choice between them.
func (f family) files(src *source.Source) (map[string][]byte, error) {
	c := build.NewContext()
	c.ConstraintExpr("!purego")
	table := newConstants(f.name + "Constants")
	for _, m := range []gen.Machine{gen.AVX512, gen.AVX2} {
		t := &target{Machine: m}
		t.Context, t.source, t.table = c, src, table
		f.write(t)
	}
	table.write(c)
	gen.WriteMasks(c)
	if f.name == "orbit" {
		writeZeros(c)
	}
	files, err := output.Files(c, "vector", f.name)
	if err != nil {
		return nil, err
	}
	if f.flat != nil {
		if files[f.name+"_amd64.go"], err = choices(f.flat); err != nil {
			return nil, err
		}
	}
	return files, nil
}
