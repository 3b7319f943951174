package main

import (
	"math"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	gen "spdiff/asm/internal/gen/machine"
	"spdiff/asm/internal/gen/source"
)

// op is an operand of an instruction: a register, or a constant in memory.
type op = operand.Op

// A target writes functions of one instruction set. Its methods are the vocabulary in which a kernel is said once for all
// of them: arithmetic on vectors of lanes float32, of which each result is a new register, and loops over slices.
type target struct {
	gen.Machine
	source   *source.Source // of package asm
	table    *constants
	constant map[uint32]op // of the current function
	wanted   []uint32      // their keys in order
	final    bool          // wanted constants are in registers already
}

// kept is how many constants AVX-512 keeps in registers; it loads further ones where it needs them.
const kept = 18

// function writes the function name+suffix. AVX-512 has the registers to keep constants in, so there the body is written
// twice: first for nothing, to learn which constants it wants, and then after the instructions that load them.
func (t *target) function(name, signature string, body func()) {
	var wanted []uint32
	if t.Wide() {
		context := t.Context
		t.Context = build.NewContext()
		t.begin(name, signature)
		body()
		t.Context, wanted = context, t.wanted[:min(len(t.wanted), kept)]
	}
	t.begin(name, signature)
	for _, u := range wanted {
		v := t.vec()
		t.VBROADCASTSS(t.table.at(u), v)
		t.constant[u] = v
	}
	t.final = true
	body()
}

func (t *target) begin(name, signature string) {
	t.Begin(name)
	t.Pragma("noescape")
	t.SignatureExpr(signature)
	t.constant, t.wanted, t.final = map[uint32]op{}, nil, false
}

// vec returns a new vector register.
func (t *target) vec() vector {
	if t.Wide() {
		return t.ZMM()
	}
	return t.YMM()
}

// c is the constant x in every lane.
func (t *target) c(x float64) op { return t.bits(math.Float32bits(float32(x))) }

// named is the constant that package asm has under the given name, as a float32 in every lane; integer is its value.
func (t *target) named(name string) op { return t.c(t.source.Number(name)) }

func (t *target) integer(name string) uint32 { return uint32(t.source.Number(name)) }

// bits is the constant with bits u in every lane.
func (t *target) bits(u uint32) op {
	if o, ok := t.constant[u]; ok {
		return o
	}
	if !t.Wide() {
		return t.table.at(u)
	}
	v := t.vec()
	t.VBROADCASTSS(t.table.at(u), v)
	if !t.final {
		t.wanted, t.constant[u] = append(t.wanted, u), v
	}
	return v
}

// in returns x in a register.
func (t *target) in(x op) vector {
	if v, ok := x.(vector); ok {
		return v
	}
	return t.copy(x)
}

// copy returns a new register with the value of x.
func (t *target) copy(x op) vector {
	v := t.vec()
	t.VMOVUPS(x, v)
	return v
}

// broadcast returns the scalar parameter name in every lane.
func (t *target) broadcast(name string) vector {
	a, err := t.Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	v := t.vec()
	t.VBROADCASTSS(a.Addr, v)
	return v
}

func (t *target) zero() vector {
	v := t.vec()
	if t.Wide() {
		t.VPXORD(v, v, v)
	} else {
		t.VXORPS(v, v, v)
	}
	return v
}

// An instruction of three operands; Go's assembler writes the destination last and the second source first.
type three func(ops ...op)

func (t *target) apply(f three, x, y op) vector {
	v := t.vec()
	f(y, t.in(x), v)
	return v
}

func (t *target) add(x, y op) vector { return t.apply(t.VADDPS, x, y) }
func (t *target) sub(x, y op) vector { return t.apply(t.VSUBPS, x, y) }
func (t *target) mul(x, y op) vector { return t.apply(t.VMULPS, x, y) }
func (t *target) div(x, y op) vector { return t.apply(t.VDIVPS, x, y) }
func (t *target) and(x, y op) vector { return t.apply(t.VANDPS, x, y) }
func (t *target) or(x, y op) vector  { return t.apply(t.VORPS, x, y) }
func (t *target) xor(x, y op) vector { return t.apply(t.VXORPS, x, y) }

// max is bound where it is greater, else x; min likewise. So NaN in x stays, and so does a zero x of either sign.
func (t *target) max(bound, x op) vector { return t.apply(t.VMAXPS, bound, t.in(x)) }
func (t *target) min(bound, x op) vector { return t.apply(t.VMINPS, bound, t.in(x)) }

func (t *target) sqrt(x op) vector {
	v := t.vec()
	t.VSQRTPS(x, v)
	return v
}

// fma is x·y + z with one rounding, fnma is −x·y + z.
func (t *target) fma(x, y, z op) vector {
	v := t.copy(z)
	t.VFMADD231PS(y, t.in(x), v)
	return v
}

func (t *target) fnma(x, y, z op) vector {
	v := t.copy(z)
	t.VFNMADD231PS(y, t.in(x), v)
	return v
}

// horner is the polynomial in x whose coefficients package asm has under the given name.
func (t *target) horner(x vector, name string) vector {
	c := t.source.List(name)
	p := t.copy(t.c(c[0]))
	for _, c := range c[1:] {
		t.VFMADD213PS(t.c(c), x, p)
	}
	return p
}

// Shifts and sums of lanes as integers.
func (t *target) shiftLeft(x op, n uint8) vector {
	v := t.vec()
	t.VPSLLD(operand.U8(n), x, v)
	return v
}

func (t *target) shiftRight(x op, n uint8) vector {
	v := t.vec()
	t.VPSRAD(operand.U8(n), x, v)
	return v
}

func (t *target) addInt(x, y op) vector { return t.apply(t.VPADDD, x, y) }
func (t *target) subInt(x, y op) vector { return t.apply(t.VPSUBD, x, y) }

// A comparison, as VCMPPS encodes it. Each is false of NaN.
type comparison uint8

const (
	equal   comparison = 0x00
	less    comparison = 0x11
	greater comparison = 0x1e
)

// A truth has one bit a lane, in a mask register or in the sign of a vector's lanes.
type truth = reg.Register

func (t *target) compare(x op, how comparison, y op) truth {
	var m reg.Register = t.vec()
	if t.Wide() {
		m = t.K()
	}
	t.VCMPPS(operand.U8(how), y, t.in(x), m)
	return m
}

// negative is the truth of the sign bits of x.
func (t *target) negative(x vector) truth {
	if !t.Wide() {
		return x
	}
	m := t.K()
	t.VPMOVD2M(x, m)
	return m
}

// choose is yes where m, else no.
func (t *target) choose(m truth, yes, no op) vector {
	if t.Wide() {
		v := t.copy(no)
		t.VMOVAPS(t.in(yes), m, v)
		return v
	}
	v := t.vec()
	t.VBLENDVPS(m, yes, t.in(no), v)
	return v
}

// jumpIfAny jumps to the label if m holds in any lane.
func (t *target) jumpIfAny(m truth, label string) {
	if t.Wide() {
		t.KORTESTW(m, m)
	} else {
		r := t.GP32()
		t.VMOVMSKPS(m, r)
		t.TESTL(r, r)
	}
	t.JNE(operand.LabelRef(label))
}
