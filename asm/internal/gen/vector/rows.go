package main

import "github.com/mmcloughlin/avo/operand"

var rows = []elementwise{
	{name: "affine", params: "z, x, a, b []float32", rows: []string{"a", "b"}, unroll: 4,
		value: func(t *target, x []vector) vector { return t.fma(x[0], x[1], x[2]) }},
	{name: "affineSiLU", params: "z, x, a, b []float32", rows: []string{"a", "b"}, unroll: 1, ahead: []string{"z", "x"},
		value: func(t *target, x []vector) vector { return t.silu(t.fma(x[0], x[1], x[2])) }},
	{name: "affineSiLUGrad", params: "z, x, a, b, dz []float32", rows: []string{"a", "b"}, unroll: 1, ahead: []string{"x", "dz"},
		value: func(t *target, x []vector) vector { return t.siluGrad(t.fma(x[0], x[1], x[2]), x[3]) }},
	{name: "affine2", params: "z, x, a, y, b, c []float32", rows: []string{"a", "b", "c"}, unroll: 4,
		value: func(t *target, x []vector) vector { return t.fma(x[0], x[1], t.fma(x[2], x[3], x[4])) }},
}

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
		t.end()
	})
}

func (t *target) writeColumns() {
	t.writeColumn("columnSum", []string{"x"}, advanceSum)
	t.writeColumn("columnDot", []string{"x", "y"}, advanceDot)
}
