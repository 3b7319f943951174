package asm

func treeSumGeneric(z []float32, x [][]float32) {
	var v [8]float32
	for i := range z {
		for j, xj := range x {
			v[j] = 0
			if xj != nil {
				v[j] = xj[i]
			}
		}
		for n := len(x); n > 1; n /= 2 {
			for j := range n / 2 {
				v[j] = v[2*j] + v[2*j+1]
			}
		}
		z[i] = v[0]
	}
}
