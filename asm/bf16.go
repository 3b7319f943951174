package asm

import "math"

// The numbers of a bf16 product are float32 of 8 significant bits. They are kept in operand form, which the instruction set in use
// decides, in slots: the memory of float32.
//
//   - One number a slot, number i the float32 in slot i. Wherever the product is made of float32 multiply-adds.
//   - Pairs: number i is half i mod 2 of slot i/2, the low half first; in memory, one bf16 after the other. Where there is an
//     instruction for them.
//
// Places and distances are counted in numbers, never in slots, so that they are the same in both; a row may begin at an odd one.

// pairs says that operands are pairs.
var pairs bool

// StepBF16 is how many channels a step of a bf16 product takes.
const StepBF16 = 32

// leastNormal is the least float32 of 24 bits. What is smaller counts as zero in a bf16 product.
const leastNormal = 0x1p-126

// BF16 returns x rounded to the nearest number of 8 significant bits, of two equally near ones the even one; beyond the largest
// that is an infinity. What is smaller than 2⁻¹²⁶ becomes a zero of its sign. NaN stays NaN.
func BF16(x float32) float32 {
	u := math.Float32bits(x)
	switch {
	case x != x:
		u |= 1 << 22 // whatever is cut off
	case u&(0xff<<23) == 0:
		u &= 1 << 31
	default:
		u += 1<<15 - 1 + u>>16&1
	}
	return math.Float32frombits(u &^ (1<<16 - 1))
}

// PaddedBF16 returns n rounded up to whole steps: the room that n channels take in a row and in a panel, the last ones zeros.
func PaddedBF16(n int) int { return (n + StepBF16 - 1) &^ (StepBF16 - 1) }

// SlotsBF16 returns how many slots the first n numbers of an operand take. The slots of numbers n to m−1 are
// SlotsBF16(n)…SlotsBF16(m)−1 for an even n. It depends on the instruction set.
func SlotsBF16(n int) int {
	if pairs {
		return (n + 1) / 2
	}
	return n
}

// NumberBF16 returns number i of an operand. It is for tests: nothing that must be fast looks at single numbers.
func NumberBF16(z []float32, i int) float32 {
	if !pairs {
		return z[i]
	}
	u := math.Float32bits(z[i/2])
	if i%2 == 0 {
		u <<= 16
	}
	return math.Float32frombits(u &^ (1<<16 - 1))
}

// put sets number i of an operand to a rounded x.
func put(z []float32, i int, x float32) {
	if !pairs {
		z[i] = BF16(x)
		return
	}
	u, b := math.Float32bits(z[i/2]), math.Float32bits(BF16(x))
	if i%2 == 0 {
		u = u&^(1<<16-1) | b>>16
	} else {
		u = u&(1<<16-1) | b
	}
	z[i/2] = math.Float32frombits(u)
}

// stepFMA returns x·w + e, rounded once, and zero of the result's sign where that is smaller than 2⁻¹²⁶. x and w
// have 8 bits, and each of the three is zero or not smaller than that.
//
// A result counts as smaller if it is below 2⁻¹²⁶ after rounding to 24 bits with an unbounded exponent: from 2⁻¹²⁶ − 2⁻¹⁵¹ on it rounds up to
// 2⁻¹²⁶. Rounded as a denormal number it would do so from 2⁻¹²⁶ − 2⁻¹⁵⁰ on.
func stepFMA(x, w, e float32) float32 {
	s := float64(x)*float64(w) + float64(e) // w·x is exact
	u := math.Float64bits(s)
	if u<<1 == 0 || u&(1<<29-1) != 1<<28 && u>>52&0x7ff > normal {
		return float32(s) // which is FMA's first case, or a zero
	}
	return stepFMASlow(x, w, e, s)
}

// stepFMASlow is stepFMA where s, which is x·w + e as float64 has it, is small, or looks as if it were midway. Where s is not exact, w·x is
// so small that s is next to e and far from 2⁻¹²⁶ − 2⁻¹⁵¹.
func stepFMASlow(x, w, e float32, s float64) float32 {
	r := FMA(x, w, e)
	if a := math.Float32bits(r) &^ (1 << 31); a > 1<<23 || a == 0 {
		return r
	} else if a < 1<<23 || math.Abs(s) < leastNormal-0x1p-151 {
		return zeroLike(r)
	}
	return r
}

// stepAdd returns x + y, or a zero of the result's sign where that is smaller than 2⁻¹²⁶. Smaller inputs count as zero, too.
// A sum that small is exact.
func stepAdd(x, y float32) float32 { return flush(flush(x) + flush(y)) }

// flush returns x, or a zero of its sign where it is smaller than 2⁻¹²⁶.
func flush(x float32) float32 {
	if math.Float32bits(x)&(0xff<<23) == 0 {
		return zeroLike(x)
	}
	return x
}

// zeroLike returns the zero of x's sign.
func zeroLike(x float32) float32 { return math.Float32frombits(math.Float32bits(x) & (1 << 31)) }
