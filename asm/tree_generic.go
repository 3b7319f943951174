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
			z[k*s.Z+i] = tree(v, len(x))
		}
	}
}
