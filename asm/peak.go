package asm

// PeakFMA runs n rounds of independent multiply-adds on registers alone, the fastest that a core can do with the
// instruction set in use. A round is PeakFlops(1) floating-point operations. It is what kernels are measured against.
func PeakFMA(n int) {
	if n > 0 {
		peakFMA(n)
	}
}

// PeakFlops returns the number of floating-point operations of PeakFMA(n), a multiply-add counting 2.
func PeakFlops(n int) float64 { return 2 * float64(n) * float64(peakWidth()) }
