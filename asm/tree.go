package asm

// TreeSum computes z = the sum of n = len(x) vectors by the balanced tree over neighbours, ((0+1)+(2+3))+((4+5)+(6+7)).
// n is 1, 2, 4 or 8; each vector is at least as long as z; a nil one counts as +0.
func TreeSum(z []float32, x [][]float32) {
	if n := len(x); n != 1 && n != 2 && n != 4 && n != 8 {
		panicLength("TreeSum", n)
	}
	for _, v := range x {
		if v != nil && len(v) < len(z) {
			panicLength("TreeSum", len(z), len(v))
		}
	}
	treeSum(z, x)
}
