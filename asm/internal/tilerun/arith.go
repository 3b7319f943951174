//go:build linux && amd64

package main

import (
	"encoding/binary"
	"math"
)

// least is the smallest normal number.
const least = 0x1p-126

func bits(x float32) uint32 { return math.Float32bits(x) }

// number reads a float32, bf16 one of its upper half. Denormal numbers are zeros of their sign.
func number(b []byte) float32 { return zeroed(binary.LittleEndian.Uint32(b)) }
func bf16(b []byte) float32   { return zeroed(uint32(binary.LittleEndian.Uint16(b)) << 16) }

func zeroed(u uint32) float32 {
	if u&0x7f800000 == 0 {
		u &= 1 << 31
	}
	return math.Float32frombits(u)
}

// fma returns x·y + z rounded once, nearest even; what is then below the normal numbers is zero.
//
// x and y have 8 bits, so their product is exact in float64, and the sum is rounded there to odd, which leaves the second
// rounding right.
func fma(x, y, z float32) float32 { return rounded(float64(x)*float64(y), float64(z)) }

// add is x + y likewise.
func add(x, y float32) float32 { return rounded(float64(x), float64(y)) }

// rounded returns p + c rounded to float32 once. Whether a number is too small is decided after it is rounded to 24 bits. The other
// instructions that flush do so, and Intel's manual is read so here; package asm tests a machine with AMX before it believes that.
// float32(s) would round up to the least normal number from the middle between it and the next denormal one on, where s may still be
// too small. So s is first scaled out of the range of denormal numbers.
func rounded(p, c float64) float32 {
	s := p + c
	t := s - p
	e := (p - (s - t)) + (c - t)
	if u := math.Float64bits(s); e != 0 && e == e && u&1 == 0 {
		if (e > 0) == (s > 0) {
			u++
		} else {
			u--
		}
		s = math.Float64frombits(u)
	}
	if s == 0 || math.Abs(s) >= 2*least || s != s {
		return float32(s)
	}
	const shift = 0x1p60
	if r := float32(s * shift); math.Abs(float64(r)) >= least*shift {
		return r / shift
	}
	return float32(math.Copysign(0, s))
}
