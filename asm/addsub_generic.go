package asm

func addSubGeneric(sum, diff, x, y []float32, s *Stripes) {
	for k := range s.Count {
		for i := range s.Len {
			u, v := x[k*s.X+i], y[k*s.X+i]
			sum[k*s.Z+i], diff[k*s.Z+i] = u+v, u-v
		}
	}
}
