package main

import (
	"slices"

	"github.com/mmcloughlin/avo/operand"
)

// An elementwise kernel. Of its parameters, the first slice is the result, the further ones are arguments, and numbers are
// scalars. With rows, the slices named there are vectors that apply to each row of the others.
type elementwise struct {
	name   string
	params string
	rows   []string
	unroll int
	ahead  []string // are asked for before their use, see farAhead

	// value returns z from one vector of each argument, in the order of the parameters.
	value func(t *target, x []vector) vector
}

// farAhead is how many bytes before their use a long loop asks for arguments that come from memory. Without that, machines on
// which many guests share the memory take twice the time.
const farAhead = 2048

// write writes the kernel for t. Scalars come before the loop, as first arguments.
func (e elementwise) write(t *target) {
	t.function(e.name, "func("+e.params+")", func() {
		var scalars []vector
		var names []string
		for _, p := range parse(e.params) {
			if p.slice {
				names = append(names, p.name)
			} else {
				scalars = append(scalars, t.broadcast(p.name))
			}
		}
		var base []integer
		for _, n := range names {
			base = append(base, t.pointer(n))
		}
		step := func(i integer, u int, k mask) {
			x := append([]vector{}, scalars...)
			for j, p := range base {
				if slices.Contains(e.ahead, names[j]) {
					m := t.where(p, i, u)
					m.Disp += farAhead
					t.PREFETCHT0(m)
				}
				if j > 0 {
					x = append(x, t.load(t.where(p, i, u), k))
				}
			}
			t.store(e.value(t, x), t.where(base[0], i, u), k)
		}
		n := t.length(names[0])
		if e.rows == nil {
			t.loop(n, e.unroll, step)
		} else {
			t.eachRow(e, names, base, n, step)
		}
		t.End()
	})
}

// eachRow runs the loop of step over each row, moving all pointers but those of e.rows.
func (t *target) eachRow(e elementwise, names []string, base []integer, n integer, step func(i integer, u int, k mask)) {
	end := t.GP64()
	t.LEAQ(t.where(base[0], n, 0), end)
	c := t.length(e.rows[0])
	stride := t.word(c)
	t.SHLQ(operand.U8(2), stride)
	var others []integer
	for i, n := range names[1:] {
		if !slices.Contains(e.rows, n) {
			others = append(others, base[i+1])
		}
	}
	t.rowwise(base[0], end, stride, others, func() { t.loop(t.word(c), e.unroll, step) })
}
