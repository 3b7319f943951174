package main

import (
	"fmt"
	"slices"
	"time"

	"spdiff/asm"
	"spdiff/tensor"
)

// ceilingCases are what one core multiplies from registers alone: float32, and bf16 where it has a rate of its own.
func ceilingCases() []benchCase {
	const n, tiles = 1 << 22, 1 << 20
	all := []benchCase{{name: "fma", batch: 1, threads: 1, work: 1e-9 * asm.PeakFlops(n),
		setup: func() func() { return func() { asm.PeakFMA(n) } }}}
	if noTile() == "" {
		all = append(all, benchCase{name: "fma/tile", batch: 1, threads: 1, work: 1e-9 * asm.PeakTileFlops(tiles), precision: tensor.BF16,
			setup: func() func() { return func() { asm.PeakTile(tiles) } }})
	}
	return all
}

// ownTiles are the instruction sets with which bf16 has a ceiling of its own. Plain Go is among them, for its products of bf16 do without
// the one rounding that makes those of float32 slow where the compiler does not fuse.
var ownTiles = []string{"amx", "avx512bf16", "generic"}

// noTile says why bf16 has no ceiling of its own with the instruction set in use, and nothing where it has.
func noTile() string {
	if isa := asm.ISA(); !slices.Contains(ownTiles, isa) {
		return fmt.Sprintf("there is no fma/tile: %s multiplies bf16 by float32's multiply-adds, so fma is the ceiling of both", isa)
	}
	return ""
}

// remarks are the lines below the ceilings: why bf16 has none of its own, and why what the processor has is not used.
func remarks(refused []asm.Refusal) (lines []string) {
	if why := noTile(); why != "" {
		lines = append(lines, why)
	}
	for _, r := range refused {
		lines = append(lines, fmt.Sprintf("%s: not offered: %s", r.ISA, r.Why))
	}
	return lines
}

// ceiling is the rate of one core's products of a precision from registers alone, now, in GFLOP/s. A core lowers its clock by as much as
// a fifth under products that read memory, within a millisecond, and raises it as slowly: this takes a tenth of one.
func ceiling(p tensor.Precision) float64 { return 1e-9 * registers(p, 1<<14) }

// registers measures some rounds of multiply-adds, or as many operations in bf16 as take about as long, in operations a second.
func registers(p tensor.Precision, rounds int) float64 {
	peak, flops := asm.PeakFMA, asm.PeakFlops
	if p == tensor.BF16 && noTile() == "" {
		peak, flops = asm.PeakTile, asm.PeakTileFlops
		if asm.ISA() == "amx" {
			rounds /= 4
		}
	}
	start := time.Now()
	peak(rounds)
	return flops(rounds) / time.Since(start).Seconds()
}
