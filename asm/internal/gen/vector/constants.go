package main

import (
	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
)

// constants is a table of constants in the data section, each eight times, so that AVX2 can take them from memory.
type constants struct {
	symbol operand.Symbol
	place  map[uint32]int
	list   []uint32
}

func newConstants(name string) *constants {
	return &constants{symbol: operand.NewStaticSymbol(name), place: map[uint32]int{}}
}

// at returns the address of the constant with bits u.
func (k *constants) at(u uint32) operand.Mem {
	i, ok := k.place[u]
	if !ok {
		i = len(k.list)
		k.place[u] = i
		k.list = append(k.list, u)
	}
	return operand.NewDataAddr(k.symbol, 32*i)
}

// write puts the table into the file.
func (k *constants) write(c *build.Context) {
	if len(k.list) == 0 {
		return
	}
	c.StaticGlobal(k.symbol.Name)
	c.DataAttributes(attr.RODATA | attr.NOPTR)
	for i, u := range k.list {
		for j := range 4 {
			c.AddDatum(32*i+8*j, operand.U64(uint64(u)<<32|uint64(u)))
		}
	}
}
