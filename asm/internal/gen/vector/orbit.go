package main

import (
	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
)

// treeBlocks are the numbers of columns, in vectors, of which trees are summed at a time: a tree of eight holds three partial
// sums a vector.
func (t *target) treeBlocks() []int {
	if t.Wide() {
		return []int{4, 2, 1}
	}
	return []int{2, 1}
}

// A picker reads rows of x by number: of the n numbers at index, number i.
type picker struct {
	x, stride integer
	none      bool // a negative number means a row of zeros
}

// row returns the address of the row.
func (t *target) row(p picker, index integer, i int) integer {
	r := t.GP64()
	t.MOVLQSX(operand.Mem{Base: index, Disp: 4 * i}, r)
	if !p.none {
		t.IMULQ(p.stride, r)
		t.ADDQ(p.x, r)
		return r
	}
	number, zeros := t.word(r), t.GP64()
	t.IMULQ(p.stride, r)
	t.ADDQ(p.x, r)
	t.LEAQ(operand.NewDataAddr(operand.NewStaticSymbol(zeroTable), 0), zeros)
	t.TESTQ(number, number)
	t.CMOVQLT(zeros, r)
	return r
}

// zeroTable is as long as the widest block.
const zeroTable = "zeros"

func writeZeros(c *build.Context) {
	c.StaticGlobal(zeroTable)
	c.DataAttributes(attr.RODATA | attr.NOPTR)
	for i := range 32 {
		c.AddDatum(8*i, operand.U64(0))
	}
}

// tree returns b vectors of the sum over rows lo … lo+n−1, each leaf passed through f.
func (t *target) tree(p picker, index integer, lo, n, b int, k mask, f func(x vector, u int) vector) []vector {
	s := make([]vector, b)
	if n == 1 {
		r := t.row(p, index, lo)
		for u := range s {
			s[u] = f(t.load(t.at(r, u), k), u)
		}
		return s
	}
	left := t.tree(p, index, lo, n/2, b, k, f)
	right := t.tree(p, index, lo+n/2, n/2, b, k, f)
	for u := range s {
		s[u] = t.add(left[u], right[u])
	}
	return s
}

// writeOrbit writes a sum of trees of n over orbits, of x or of (x − mu)².
func (t *target) writeOrbit(name, params string, n int, squares bool) {
	t.function(name, "func("+params+")", func() {
		sum, c := t.pointer("sum"), t.length("sum")
		p := picker{x: t.pointer("x"), stride: t.word(c)}
		t.SHLQ(operand.U8(2), p.stride)
		pointers := []integer{sum, p.x}
		var mu integer
		if squares {
			mu = t.pointer("mu")
			pointers = append(pointers, mu)
		}
		orbits, end := t.pointer("orbits"), t.GP64()
		t.LEAQ(operand.Mem{Base: orbits, Index: t.length("orbits"), Scale: 4}, end)
		size := t.word(operand.U32(4 * n))
		t.columns(c, pointers, t.treeBlocks(), func(b int, k mask) {
			var s, m []vector
			for u := range b {
				s = append(s, t.load(t.at(sum, u), k))
				if squares {
					m = append(m, t.load(t.at(mu, u), k))
				}
			}
			leaf := func(x vector, u int) vector {
				if !squares {
					return x
				}
				d := t.sub(x, m[u])
				return t.mul(d, d)
			}
			o := t.word(orbits)
			t.rowwise(o, end, size, nil, func() {
				for u, x := range t.tree(p, o, 0, n, b, k, leaf) {
					t.VADDPS(x, s[u], s[u])
				}
			})
			for u := range b {
				t.store(s[u], t.at(sum, u), k)
			}
		})
		t.End()
	})
}

// writeGather writes rows of z as trees of n rows of x, a row of which has c numbers.
func (t *target) writeGather(name string, n int) {
	t.function(name, "func(z, x []float32, rows []int32, c int)", func() {
		z, c := t.pointer("z"), t.Load(t.Param("c"), t.GP64()).(integer)
		p := picker{x: t.pointer("x"), stride: t.word(c), none: true}
		t.SHLQ(operand.U8(2), p.stride)
		rows, end := t.pointer("rows"), t.GP64()
		t.LEAQ(operand.Mem{Base: rows, Index: t.length("rows"), Scale: 4}, end)
		size := t.word(operand.U32(4 * n))
		t.columns(c, []integer{z, p.x}, t.treeBlocks(), func(b int, k mask) {
			r, to := t.word(rows), t.word(z)
			t.rowwise(r, end, size, nil, func() {
				for u, x := range t.tree(p, r, 0, n, b, k, func(x vector, _ int) vector { return x }) {
					t.store(x, t.at(to, u), k)
				}
				t.ADDQ(p.stride, to)
			})
		})
		t.End()
	})
}

func (t *target) writeOrbits() {
	for _, n := range []int{1, 2, 4, 8} {
		digit := string(rune('0' + n))
		t.writeOrbit("orbitSum"+digit, "sum, x []float32, orbits []int32", n, false)
		t.writeOrbit("orbitSquares"+digit, "sum, x, mu []float32, orbits []int32", n, true)
		t.writeGather("gatherSum"+digit, n)
	}
}
