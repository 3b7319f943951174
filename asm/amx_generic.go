package asm

// Without a bf16 instruction a bf16 product is made of float32 multiply-adds, and has their ceiling. In plain Go these are x·y + z,
// whatever the compiler makes of that.

func peakTileGenericWidth() int { return peakWidth() }

func peakTileGeneric(n int) {
	if useAVX512 || useAVX2 || useNEON {
		peakFMA(n)
	} else {
		peakFused(n)
	}
}
