package asm

// PeakTile runs n rounds of independent bf16 products on registers alone, of PeakTileFlops(1) operations each. With amx a round is
// four tiles of 16×32 by 32×16 numbers, with avx512bf16 28 VDPBF16PS of 16×2, the fastest that a core can do, which bf16 products are
// measured against. The other instruction sets make bf16 products of float32 multiply-adds: there it is PeakFMA. Plain Go makes them of
// x·y + z, fused or not, since their products are exact: where the compiler does not fuse, that is many times as fast as PeakFMA.
func PeakTile(n int) {
	if n > 0 {
		peakTile(n)
	}
}

// PeakTileFlops returns the number of floating-point operations of PeakTile(n), a multiply-add counting 2.
func PeakTileFlops(n int) float64 { return 2 * float64(n) * float64(peakTileWidth()) }
