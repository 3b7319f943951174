package main

import "github.com/mmcloughlin/avo/operand"

// blocks are the numbers of columns, in vectors, that sums are kept for in registers on a way down the rows: eight cover the
// latency of an addition.
var blocks = []int{8, 4, 2, 1}

// writeColumn writes a sum over rows, one chain a column.
func (t *target) writeColumn(name string, args []string, step advance) {
	params := "func(sum, " + args[0]
	for _, a := range args[1:] {
		params += ", " + a
	}
	t.function(name, params+" []float32)", func() {
		sum, c := t.pointer("sum"), t.length("sum")
		var top []integer
		for _, a := range args {
			top = append(top, t.pointer(a))
		}
		end := t.GP64()
		t.LEAQ(t.where(top[0], t.length(args[0]), 0), end)
		stride := t.word(c)
		t.SHLQ(operand.U8(2), stride)
		t.columns(c, append([]integer{sum}, top...), blocks, func(b int, k mask) {
			var s []vector
			for u := range b {
				s = append(s, t.load(t.at(sum, u), k))
			}
			var p []integer
			for _, x := range top {
				p = append(p, t.word(x))
			}
			t.rowwise(p[0], end, stride, p[1:], func() {
				for u := range b {
					var x []vector
					for _, p := range p {
						x = append(x, t.load(t.at(p, u), k))
					}
					step(t, s[u], x)
				}
			})
			for u := range b {
				t.store(s[u], t.at(sum, u), k)
			}
		})
		t.End()
	})
}

func (t *target) writeColumns() {
	t.writeColumn("columnSum", []string{"x"}, advanceSum)
	t.writeColumn("columnDot", []string{"x", "y"}, advanceDot)
}
