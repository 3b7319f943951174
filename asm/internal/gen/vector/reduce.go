package main

import "github.com/mmcloughlin/avo/operand"

// An advance takes a vector of chains on, in place, by one vector of each argument.
type advance func(t *target, s vector, x []vector)

func advanceSum(t *target, s vector, x []vector) { t.VADDPS(x[0], s, s) }
func advanceDot(t *target, s vector, x []vector) { t.VFMADD231PS(x[1], x[0], s) }
func advanceMax(t *target, s vector, x []vector) { t.VMAXPS(s, x[0], s) }

// writeReduce writes a reduction into 16 chains, s, that begin with what they hold.
func (t *target) writeReduce(name string, args []string, step advance) {
	params := "func(s *[16]float32, " + args[0]
	for _, a := range args[1:] {
		params += ", " + a
	}
	t.function(name, params+" []float32)", func() {
		s := t.Load(t.Param("s"), t.GP64()).(integer)
		var chain []vector
		for u := range 16 / t.Lanes {
			chain = append(chain, t.load(t.at(s, u), nil))
		}
		var base []integer
		for _, a := range args {
			base = append(base, t.pointer(a))
		}
		on := func(i integer, u int, k mask) {
			var x []vector
			for _, p := range base {
				x = append(x, t.load(t.where(p, i, u), k))
			}
			if k == nil {
				step(t, chain[u], x)
				return
			}
			next := t.copy(chain[u])
			step(t, next, x)
			t.VMOVUPS(t.choose(k, next, chain[u]), chain[u])
		}
		t.chains(t.length(args[0]), on)
		for u, c := range chain {
			t.store(c, t.at(s, u), nil)
		}
		t.End()
	})
}

// chains covers n elements, 16 at a time: vector u always goes to the same chains.
func (t *target) chains(n integer, step func(i integer, u int, k mask)) {
	i := t.GP64()
	t.XORQ(i, i)
	t.whole(n, i, 16/t.Lanes, step)
	done := t.NewLabel("done")
	for u := range 16/t.Lanes - 1 {
		less := t.NewLabel("less")
		t.CMPQ(n, operand.U32(t.Lanes))
		t.JLT(t.To(less))
		step(i, u, nil)
		t.SUBQ(operand.U32(t.Lanes), n)
		t.JEQ(t.To(done))
		step(i, u+1, t.first(n))
		t.JMP(t.To(done))
		t.Label(less)
	}
	t.TESTQ(n, n)
	t.JEQ(t.To(done))
	step(i, 0, t.first(n))
	t.Label(done)
}

func (t *target) writeReductions() {
	t.writeReduce("sum", []string{"x"}, advanceSum)
	t.writeReduce("dot", []string{"x", "y"}, advanceDot)
	t.writeReduce("maximum", []string{"x"}, advanceMax)
}
