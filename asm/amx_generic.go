package asm

// peakTileGenericWidth is the multiply-adds of a round of peakTileGeneric: a step.
const peakTileGenericWidth = StepBF16

// peakTileGeneric computes steps of one number, as the products of plain Go do.
func peakTileGeneric(n int) {
	z := float32(0)
	for range n {
		var e, o float32
		for range StepBF16 / 2 {
			e, o = stepFMA(e, 0.5, 1), stepFMA(o, 0.5, 1)
		}
		z = stepAdd(z, stepAdd(e, o))
	}
	peakSink = z
}
