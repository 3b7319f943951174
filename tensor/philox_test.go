package tensor

import (
	"math"
	"testing"
)

// The known answers that come with the authors' Random123 library.
func TestPhiloxKnownAnswers(t *testing.T) {
	for _, c := range []struct {
		counter [4]uint32
		k0, k1  uint32
		want    [4]uint32
	}{
		{[4]uint32{}, 0, 0, [4]uint32{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
		{[4]uint32{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, 0xffffffff, 0xffffffff,
			[4]uint32{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
		{[4]uint32{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, 0xa4093822, 0x299f31d0,
			[4]uint32{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
	} {
		if got := philox(c.counter, c.k0, c.k1); got != c.want {
			t.Errorf("philox(%x, %x, %x) = %x, want %x", c.counter, c.k0, c.k1, got, c.want)
		}
	}
}

// Whatever the pieces in which numbers are drawn, they are the same.
func TestStreamPieces(t *testing.T) {
	s := NewStream(7, 1<<40+3)
	for name, draw := range map[string]func([]float32, uint64){"Uniform": s.Uniform, "Normal": s.Normal} {
		whole := make([]float32, 1500)
		draw(whole, 0)
		for _, piece := range []int{1, 2, 3, 255, 257, 1000} {
			for at := 0; at < len(whole); at += piece {
				part := make([]float32, min(piece, len(whole)-at))
				draw(part, uint64(at))
				for i, v := range part {
					if math.Float32bits(v) != math.Float32bits(whole[at+i]) {
						t.Fatalf("%s: number %d is %v in pieces of %d, else %v", name, at+i, v, piece, whole[at+i])
					}
				}
			}
		}
	}
}

// Streams and seeds differ.
func TestStreamsDiffer(t *testing.T) {
	var a, b, c [64]uint32
	NewStream(1, 1).Uint32(a[:], 0)
	NewStream(1, 2).Uint32(b[:], 0)
	NewStream(2, 1).Uint32(c[:], 0)
	same := 0
	for i := range a {
		if a[i] == b[i] || a[i] == c[i] || b[i] == c[i] {
			same++
		}
	}
	if same > 0 {
		t.Errorf("%d of %d numbers are equal in two streams", same, len(a))
	}
}

// Moments, tails and the distribution function of a million normal numbers, and the correlation of two streams.
func TestNormalDistribution(t *testing.T) {
	const n = 1 << 20
	x, y := make([]float32, n), make([]float32, n)
	NewStream(3, 0).Normal(x, 0)
	NewStream(3, 1).Normal(y, 0)
	var m1, m2, m3, m4, xy, lag float64
	below := map[float64]int{-3: 0, -1.5: 0, -0.5: 0, 0: 0, 0.7: 0, 2: 0, 3.5: 0}
	for i, v := range x {
		f := float64(v)
		m1, m2, m3, m4 = m1+f, m2+f*f, m3+f*f*f, m4+f*f*f*f
		xy += f * float64(y[i])
		lag += f * float64(x[i^1])
		for c := range below {
			if f < c {
				below[c]++
			}
		}
	}
	check := func(what string, got, want, deviation float64) {
		if math.Abs(got/n-want) > 5*deviation/math.Sqrt(n) {
			t.Errorf("%s is %v, want %v ± %v", what, got/n, want, deviation/math.Sqrt(n))
		}
	}
	check("mean", m1, 0, 1)
	check("variance", m2, 1, math.Sqrt2)
	check("third moment", m3, 0, math.Sqrt(15))
	check("fourth moment", m4, 3, math.Sqrt(96))
	check("correlation of streams", xy, 0, 1)
	check("correlation in a pair", lag, 0, math.Sqrt2)
	for c, count := range below {
		p := 0.5 * math.Erfc(-c/math.Sqrt2)
		check("distribution function", float64(count), p, math.Sqrt(p*(1-p)))
	}
}

// Every whole number comes, about as often as any other; a permutation has each once.
func TestIntnAndPerm(t *testing.T) {
	s, counts := NewStream(5, 5), make([]int, 7)
	for i := range 7000 {
		counts[s.Intn(7, uint64(i))]++
	}
	for v, c := range counts {
		if c < 850 || c > 1150 {
			t.Errorf("%d came %d times of 7000", v, c)
		}
	}
	seen := make([]bool, 1000)
	for _, p := range s.Perm(1000) {
		seen[p] = true
	}
	for i, ok := range seen {
		if !ok {
			t.Fatalf("the permutation lacks %d", i)
		}
	}
}

// Int64n draws what Intn does, and of numbers beyond 32 bits each third as often as the others.
func TestInt64n(t *testing.T) {
	const n = 3 << 40
	s, thirds := NewStream(5, 5), [3]int{}
	for i := range uint64(3000) {
		if a, b := s.Intn(7, i), s.Int64n(7, i); int64(a) != b {
			t.Fatalf("number %d is %d of Intn and %d of Int64n", i, a, b)
		}
		thirds[s.Int64n(n, i)/(n/3)]++
	}
	for k, c := range thirds {
		if c < 870 || c > 1130 {
			t.Errorf("third %d has %d of 3000", k, c)
		}
	}
}

func TestDrawsAllocateNothing(t *testing.T) {
	s, x := NewStream(1, 1), make([]float32, 1000)
	if n := testing.AllocsPerRun(20, func() { s.Normal(x, 3); s.Uniform(x, 5) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkNormal(b *testing.B) {
	x := make([]float32, 64*28*28)
	b.SetBytes(int64(4 * len(x)))
	for range b.N {
		NewStream(1, 1).Normal(x, 0)
	}
}
