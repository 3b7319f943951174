package main

import "spdiff/asm"

// ceilingCases are what one core multiplies from registers alone: float32, and with AMX tiles of bf16. Without it bf16 is made of the
// same multiply-adds.
func ceilingCases() []benchCase {
	const n, tiles = 1 << 22, 1 << 20
	all := []benchCase{{name: "fma", batch: 1, threads: 1, work: 1e-9 * asm.PeakFlops(n),
		setup: func() func() { return func() { asm.PeakFMA(n) } }}}
	if asm.ISA() == "amx" {
		all = append(all, benchCase{name: "fma/tile", batch: 1, threads: 1, work: 1e-9 * asm.PeakTileFlops(tiles),
			setup: func() func() { return func() { asm.PeakTile(tiles) } }})
	}
	return all
}
