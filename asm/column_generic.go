package asm

func columnSumGeneric(sum, x []float32) {
	for p := 0; p < len(x); p += len(sum) {
		for c := range sum {
			sum[c] += x[p+c]
		}
	}
}

func columnDotGeneric(sum, x, y []float32) {
	for p := 0; p < len(x); p += len(sum) {
		for c := range sum {
			sum[c] = FMA(x[p+c], y[p+c], sum[c])
		}
	}
}
