package main

import (
	"time"

	"spdiff/asm"
	"spdiff/tensor"
)

// ceilingCases are what one core multiplies from registers alone: float32, and with AMX tiles of bf16. Without them
// bf16 is held to float32's, of which it is made, unless there is VDPBF16PS, whose products may pass them.
func ceilingCases() []benchCase {
	const n, tiles = 1 << 22, 1 << 20
	all := []benchCase{{name: "fma", batch: 1, threads: 1, work: 1e-9 * asm.PeakFlops(n),
		setup: func() func() { return func() { asm.PeakFMA(n) } }}}
	if asm.ISA() == "amx" {
		all = append(all, benchCase{name: "fma/tile", batch: 1, threads: 1, work: 1e-9 * asm.PeakTileFlops(tiles), precision: tensor.BF16,
			setup: func() func() { return func() { asm.PeakTile(tiles) } }})
	}
	return all
}

// ceiling is the rate of one core's products of a precision from registers alone, now, in GFLOP/s. A core lowers its clock by as much as
// a fifth under products that read memory, within a millisecond, and raises it as slowly: this takes a tenth of one.
func ceiling(p tensor.Precision) float64 { return 1e-9 * registers(p, 1<<14) }

// registers measures some rounds of multiply-adds, or in bf16 a quarter as many of tiles where there are any, in operations a second.
func registers(p tensor.Precision, rounds int) float64 {
	peak, flops := asm.PeakFMA, asm.PeakFlops
	if p == tensor.BF16 && asm.ISA() == "amx" {
		rounds, peak, flops = rounds/4, asm.PeakTile, asm.PeakTileFlops
	}
	start := time.Now()
	peak(rounds)
	return flops(rounds) / time.Since(start).Seconds()
}
