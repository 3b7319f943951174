package asm

func treeSumGeneric(z []float32, x [][]float32, s *Stripes) {
	for k := range s.Count {
		for i := range s.Len {
			var v [8]float32
			for j, xj := range x {
				if xj != nil {
					v[j] = xj[k*s.X+i]
				}
			}
			for n := len(x); n > 1; n /= 2 {
				for j := range n / 2 {
					v[j] = v[2*j] + v[2*j+1]
				}
			}
			z[k*s.Z+i] = v[0]
		}
	}
}
