package main

// normGrad is the gradient of a normalisation and SiLU.
var normGrad = elementwise{name: "normGrad", params: "z, x, dz, a, b, f, g []float32", rows: []string{"a", "b", "f", "g"}, unroll: 1,
	value: func(t *target, v []vector) vector {
		x, dz, a, b, f, g := v[0], v[1], v[2], v[3], v[4], v[5]
		return t.fma(t.siluGrad(t.fma(x, a, b), dz), a, t.fma(x, f, g))
	}}

// ahead is how many bytes before their use the sums ask for x and dz, which come from memory: without that the loop, long as
// it is, takes twice the time.
const ahead = 2048

// writeNorm writes the kernels of the backward pass of a normalisation and SiLU. The sums stay in memory: a load and a store
// take no time beside the exponential.
func (t *target) writeNorm() {
	normGrad.write(t)
	e := elementwise{rows: []string{"sum", "dot", "a", "b", "r", "s"}, unroll: 1}
	t.function("normSums", "func(x, dz, sum, dot, a, b, r, s []float32)", func() {
		names := []string{"x", "dz", "sum", "dot", "a", "b", "r", "s"}
		var base []integer
		for _, n := range names {
			base = append(base, t.pointer(n))
		}
		t.eachRow(e, names, base, t.length("x"), func(i integer, u int, k mask) {
			for _, p := range base[:2] {
				m := t.where(p, i, u)
				m.Disp += ahead
				t.PREFETCHT0(m)
			}
			at := func(j int) vector { return t.load(t.where(base[j], i, u), k) }
			x := at(0)
			du := t.siluGrad(t.fma(x, at(4), at(5)), at(1))
			hat := t.fma(x, at(6), at(7))
			t.store(t.add(at(2), du), t.where(base[2], i, u), k)
			t.store(t.fma(du, hat, at(3)), t.where(base[3], i, u), k)
		})
		t.end()
	})
}
