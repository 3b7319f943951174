package tensor

import (
	"fmt"
	"math/bits"

	"spdiff/asm"
)

// A Stream is a sequence of 2⁶⁴ random numbers by the counter-based generator Philox 4×32-10 (Salmon, Moraes, Dror and Shaw,
// Parallel random numbers: as easy as 1, 2, 3, 2011). It has no state: number i is a function of the seed, the stream and i
// alone, in whatever pieces and order the numbers are drawn, and streams are independent of each other.
//
// The seed is the key; the counter is i/4 (64 bits) and the stream (64 bits), least significant word first; number i is
// word i mod 4 of the block. Number 2⁶⁴ is number 0 again.
type Stream struct {
	seed, stream uint64
}

// NewStream returns a stream of a seed.
func NewStream(seed, stream uint64) Stream { return Stream{seed, stream} }

// Constants of Philox 4×32: the multipliers, and what is added to the key each round (golden ratio, √3 − 1).
const (
	philoxM0, philoxM1 = 0xD2511F53, 0xCD9E8D57
	philoxW0, philoxW1 = 0x9E3779B9, 0xBB67AE85
)

// philox is the bijection of Philox 4×32-10 under a key.
func philox(c [4]uint32, k0, k1 uint32) [4]uint32 {
	for range 10 {
		h0, l0 := bits.Mul32(philoxM0, c[0])
		h1, l1 := bits.Mul32(philoxM1, c[2])
		c = [4]uint32{h1 ^ c[1] ^ k0, l1, h0 ^ c[3] ^ k1, l0}
		k0 += philoxW0
		k1 += philoxW1
	}
	return c
}

// block returns numbers 4n … 4n+3.
func (s Stream) block(n uint64) [4]uint32 {
	return philox([4]uint32{uint32(n), uint32(n >> 32), uint32(s.stream), uint32(s.stream >> 32)}, uint32(s.seed), uint32(s.seed>>32))
}

// Uint32 sets dst to numbers offset, offset+1, …, uniform over all 32-bit words.
func (s Stream) Uint32(dst []uint32, offset uint64) {
	for len(dst) > 0 {
		b := s.block(offset / 4)
		n := copy(dst, b[offset%4:])
		dst, offset = dst[n:], offset+uint64(n)
	}
}

// chunk is how many numbers are made at a time, on the stack.
const chunk = 256

// Uniform sets dst to numbers offset, offset+1, …, uniform over the multiples of 2⁻²⁴ in [0, 1): the upper 24 bits of what
// Uint32 gives.
func (s Stream) Uniform(dst []float32, offset uint64) {
	var u [chunk]uint32
	for len(dst) > 0 {
		n := min(len(dst), chunk)
		s.Uint32(u[:n], offset)
		for i, v := range u[:n] {
			dst[i] = float32(v>>8) * (1.0 / (1 << 24))
		}
		dst, offset = dst[n:], offset+uint64(n)
	}
}

// Normal sets dst to numbers offset, offset+1, …, normal with mean 0 and variance 1, by Box and Muller: with a and b
// numbers 2j and 2j+1 of Uint32, r = √(−2 ln((⌊a/2⁸⌋+1)·2⁻²⁴)) and φ = 2π·⌊b/2⁸⌋·2⁻²⁴ give r·cos φ and r·sin φ. So no value
// passes 5.8 in magnitude, where the normal distribution has 6·10⁻⁹ of its weight.
func (s Stream) Normal(dst []float32, offset uint64) {
	for len(dst) > 0 {
		var z [chunk]float32
		first := offset &^ 1
		s.pairs(&z, first)
		n := copy(dst, z[offset-first:])
		dst, offset = dst[n:], offset+uint64(n)
	}
}

// pairs sets z to normal numbers offset, offset+1, …; offset is even.
func (s Stream) pairs(z *[chunk]float32, offset uint64) {
	var u [chunk]uint32
	var r, phi, f [chunk / 2]float32
	s.Uint32(u[:], offset)
	for j := range r {
		r[j] = float32(u[2*j]>>8+1) * (1.0 / (1 << 24))
		phi[j] = float32(u[2*j+1]>>8) * (2 * pi / (1 << 24))
	}
	asm.Log(r[:], r[:])
	asm.Scale(r[:], -2, r[:])
	asm.Sqrt(r[:], r[:])
	asm.Cos(f[:], phi[:])
	asm.Sin(phi[:], phi[:])
	for j, r := range r {
		z[2*j], z[2*j+1] = float32(r*f[j]), float32(r*phi[j])
	}
}

const pi = 3.14159265358979323846264338327950288

// Intn returns number offset as a whole number uniform on 0 … n−1, every value exactly as likely as any other: the upper half
// of the product of n and x, a 64-bit number of words 2·offset and 2·offset+1 of Uint32, most significant first (Lemire, Fast
// random integer generation in an interval, 2019). An x that would favour a value, of which there are fewer than n in 2⁶⁴, is
// replaced by the same two words of Philox applied to its block once more. It panics if n < 1.
func (s Stream) Intn(n int, offset uint64) int { return int(s.Int64n(int64(n), offset)) }

// Int64n is Intn of numbers that an int may not hold: of those that it does, the same.
func (s Stream) Int64n(n int64, offset uint64) int64 {
	if n < 1 {
		panic(fmt.Sprintf("tensor: Intn of %d: there is no whole number from 0 to %d", n, n-1))
	}
	b, w := s.block(offset/2), offset%2*2
	for {
		hi, lo := bits.Mul64(uint64(b[w])<<32|uint64(b[w+1]), uint64(n))
		if lo >= uint64(n) || lo >= -uint64(n)%uint64(n) {
			return int64(hi)
		}
		b = philox(b, uint32(s.seed), uint32(s.seed>>32))
	}
}

// Perm returns a permutation of 0 … n−1, each equally likely, by Fisher and Yates with the stream's first n whole numbers.
func (s Stream) Perm(n int) []int {
	p := make([]int, n)
	for i := range p {
		p[i] = i
	}
	for i := n - 1; i > 0; i-- {
		j := s.Intn(i+1, uint64(i))
		p[i], p[j] = p[j], p[i]
	}
	return p
}
