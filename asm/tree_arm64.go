//go:build !purego

package asm

// treeSum adds the summands of each stripe, 64 numbers at a time, by the elementwise kernel.
func treeSum(z []float32, x [][]float32, s *Stripes) {
	var l leaves
	for k := range s.Count {
		for from := 0; from < s.Len; from += len(l[0]) {
			n := min(s.Len-from, len(l[0]))
			for i, v := range x {
				if v == nil {
					clear(l[i][:])
				} else {
					copy(l[i][:n], v[k*s.X+from:])
				}
			}
			copy(z[k*s.Z+from:k*s.Z+from+n], l.sum(len(x), n))
		}
	}
}
