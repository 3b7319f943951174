package main

import "github.com/mmcloughlin/avo/operand"

// writeNorm writes the sums of du and of du·(x·r + s) over rows, one chain a column each.
func (t *target) writeNorm() {
	t.function("normSums", "func(sum, dot, x, du, r, s []float32)", func() {
		sum, dot, c := t.pointer("sum"), t.pointer("dot"), t.length("sum")
		x, du, r, s := t.pointer("x"), t.pointer("du"), t.pointer("r"), t.pointer("s")
		end := t.GP64()
		t.LEAQ(t.where(x, t.length("x"), 0), end)
		stride := t.word(c)
		t.SHLQ(operand.U8(2), stride)
		t.columns(c, []integer{sum, dot, x, du, r, s}, []int{4, 2, 1}, func(b int, k mask) {
			all := func(p integer) (v []vector) {
				for u := range b {
					v = append(v, t.load(t.at(p, u), k))
				}
				return v
			}
			sums, dots := all(sum), all(dot)
			var gain, off []vector
			if t.Wide() { // which has the registers for them
				gain, off = all(r), all(s)
			}
			px, pd := t.word(x), t.word(du)
			t.rowwise(px, end, stride, []integer{pd}, func() {
				for u := range b {
					var a, c op = t.at(r, u), t.at(s, u)
					switch {
					case t.Wide():
						a, c = gain[u], off[u]
					case k != nil:
						a, c = t.load(t.at(r, u), k), t.load(t.at(s, u), k)
					}
					d := t.load(t.at(pd, u), k)
					hat := t.fma(t.load(t.at(px, u), k), a, c)
					t.VADDPS(d, sums[u], sums[u])
					t.VFMADD231PS(hat, d, dots[u])
				}
			})
			for u := range b {
				t.store(sums[u], t.at(sum, u), k)
				t.store(dots[u], t.at(dot, u), k)
			}
		})
		t.End()
	})
}
