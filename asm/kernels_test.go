package asm

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// A kernelCase runs a kernel on slices of its layout: X stands for p rows of c numbers, c for one row. The first slices are
// those that the kernel writes; in names the further ones that the first may be.
type kernelCase struct {
	name   string
	layout string
	in     []int
	run    func(v [][]float32, p, c int)
}

// kernelCases has a line for every kernel. Each is held to its Go reference with FMA emulated, bit for bit, under every
// instruction set and in plain Go as it runs here.
var kernelCases = []kernelCase{
	{"Add", "XXX", []int{1, 2}, func(v [][]float32, p, c int) { Add(v[0], v[1], v[2]) }},
	{"Sub", "XXX", []int{1, 2}, func(v [][]float32, p, c int) { Sub(v[0], v[1], v[2]) }},
	{"Mul", "XXX", []int{1, 2}, func(v [][]float32, p, c int) { Mul(v[0], v[1], v[2]) }},
	{"Div", "XXX", []int{1, 2}, func(v [][]float32, p, c int) { Div(v[0], v[1], v[2]) }},
	{"Larger", "XXX", []int{1, 2}, func(v [][]float32, p, c int) { Larger(v[0], v[1], v[2]) }},
	{"MulAdd", "XXXX", []int{1, 2, 3}, func(v [][]float32, p, c int) { MulAdd(v[0], v[1], v[2], v[3]) }},
	{"Scale", "XX", []int{1}, func(v [][]float32, p, c int) { Scale(v[0], 1.7, v[1]) }},
	{"AddScaled", "XXX", []int{1, 2}, func(v [][]float32, p, c int) { AddScaled(v[0], -0.3, v[1], v[2]) }},
	{"Shift", "XX", []int{1}, func(v [][]float32, p, c int) { Shift(v[0], 0.1, v[1]) }},
	{"Lerp", "XXX", []int{1, 2}, func(v [][]float32, p, c int) { Lerp(v[0], 0.001, v[1], v[2]) }},
	{"Sqrt", "XX", []int{1}, func(v [][]float32, p, c int) { Sqrt(v[0], v[1]) }},
	{"Rsqrt", "XX", []int{1}, func(v [][]float32, p, c int) { Rsqrt(v[0], v[1]) }},
	{"Abs", "XX", []int{1}, func(v [][]float32, p, c int) { Abs(v[0], v[1]) }},
	{"Clamp", "XX", []int{1}, func(v [][]float32, p, c int) { Clamp(v[0], 0, 0.5, v[1]) }},
	{"Exp", "XX", []int{1}, func(v [][]float32, p, c int) { Exp(v[0], v[1]) }},
	{"Log", "XX", []int{1}, func(v [][]float32, p, c int) { Log(v[0], v[1]) }},
	{"Sigmoid", "XX", []int{1}, func(v [][]float32, p, c int) { Sigmoid(v[0], v[1]) }},
	{"SiLU", "XX", []int{1}, func(v [][]float32, p, c int) { SiLU(v[0], v[1]) }},
	{"SiLUGrad", "XXX", []int{1, 2}, func(v [][]float32, p, c int) { SiLUGrad(v[0], v[1], v[2]) }},
	{"Tanh", "XX", []int{1}, func(v [][]float32, p, c int) { Tanh(v[0], v[1]) }},
	{"Sin", "XX", []int{1}, func(v [][]float32, p, c int) { Sin(v[0], v[1]) }},
	{"Cos", "XX", []int{1}, func(v [][]float32, p, c int) { Cos(v[0], v[1]) }},
	{"Sum", "1X", nil, func(v [][]float32, p, c int) { v[0][0] = Sum(v[1]) }},
	{"Dot", "1XX", nil, func(v [][]float32, p, c int) { v[0][0] = Dot(v[1], v[2]) }},
	{"Max", "1X", nil, func(v [][]float32, p, c int) { v[0][0] = Max(v[1]) }},
	{"Affine", "XXcc", []int{1}, func(v [][]float32, p, c int) { Affine(v[0], v[1], v[2], v[3]) }},
	{"AffineSiLU", "XXcc", []int{1}, func(v [][]float32, p, c int) { AffineSiLU(v[0], v[1], v[2], v[3]) }},
	{"AffineSiLUGrad", "XXccX", []int{1, 4}, func(v [][]float32, p, c int) { AffineSiLUGrad(v[0], v[1], v[2], v[3], v[4]) }},
	{"Affine2", "XXcXcc", []int{1, 3}, func(v [][]float32, p, c int) { Affine2(v[0], v[1], v[2], v[3], v[4], v[5]) }},
	{"NormSums", "ccXXcc", nil, func(v [][]float32, p, c int) { NormSums(v[0], v[1], v[2], v[3], v[4], v[5]) }},
	{"ExpSum1", "X1X", nil, func(v [][]float32, p, c int) { v[1][0] = ExpSum(v[0], v[2]) }},
	{"ExpSum2", "X1X", nil, func(v [][]float32, p, c int) { expSumOf(v, 2) }},
	{"ExpSum4", "X1X", nil, func(v [][]float32, p, c int) { expSumOf(v, 4) }},
	{"ExpSum8", "X1X", nil, func(v [][]float32, p, c int) { expSumOf(v, 8) }},
	{"SoftmaxSlope", "XX", nil, func(v [][]float32, p, c int) { SoftmaxSlope(v[0], v[1], 0.3) }},
	{"ColumnSum", "cX", nil, func(v [][]float32, p, c int) { ColumnSum(v[0], v[1]) }},
	{"ColumnDot", "cXX", nil, func(v [][]float32, p, c int) { ColumnDot(v[0], v[1], v[2]) }},
	{"OrbitSum1", "cX", nil, func(v [][]float32, p, c int) { OrbitSum(v[0], v[1], someRows(p, 0, 1), 1) }},
	{"OrbitSum2", "cX", nil, func(v [][]float32, p, c int) { OrbitSum(v[0], v[1], someRows(p, 0, 2), 2) }},
	{"OrbitSum4", "cX", nil, func(v [][]float32, p, c int) { OrbitSum(v[0], v[1], someRows(p, 0, 4), 4) }},
	{"OrbitSum8", "cX", nil, func(v [][]float32, p, c int) { OrbitSum(v[0], v[1], someRows(p, 0, 8), 8) }},
	{"OrbitSquares1", "cXc", nil, func(v [][]float32, p, c int) { OrbitSquares(v[0], v[1], v[2], someRows(p, 0, 1), 1) }},
	{"OrbitSquares2", "cXc", nil, func(v [][]float32, p, c int) { OrbitSquares(v[0], v[1], v[2], someRows(p, 0, 2), 2) }},
	{"OrbitSquares4", "cXc", nil, func(v [][]float32, p, c int) { OrbitSquares(v[0], v[1], v[2], someRows(p, 0, 4), 4) }},
	{"OrbitSquares8", "cXc", nil, func(v [][]float32, p, c int) { OrbitSquares(v[0], v[1], v[2], someRows(p, 0, 8), 8) }},
	{"Gather", "XX", nil, func(v [][]float32, p, c int) { Gather(v[0], v[1], someRows(p, -1, 1)) }},
	{"GatherSum2", "XX", nil, func(v [][]float32, p, c int) { GatherSum(v[0], v[1], someRows(p, -1, 2), 2) }},
	{"GatherSum4", "XX", nil, func(v [][]float32, p, c int) { GatherSum(v[0], v[1], someRows(p, -1, 4), 4) }},
	{"GatherSum8", "XX", nil, func(v [][]float32, p, c int) { GatherSum(v[0], v[1], someRows(p, -1, 8), 8) }},
	{"Adam", "XXXX", nil, func(v [][]float32, p, c int) { Adam(v[0], v[1], v[2], v[3], &someStep) }},
	{"AdamUnrectified", "XXXX", nil, func(v [][]float32, p, c int) { Adam(v[0], v[1], v[2], v[3], &plainStep) }},
}

// expSumOf runs ExpSum on as many lists as there is room for.
func expSumOf(v [][]float32, lists int) {
	d := len(v[0]) / lists
	v[1][0] = ExpSum(v[0][:lists*d], v[2][:d])
}

var (
	someStep  = AdamStep{Clip: 0.7, Beta1: 0.9, Gain1: 0.1, Beta2: 0.999, Gain2: 0.001, Decay: 0.9999, Rate: 1e-3, Root: 1, Eps: 1e-8}
	plainStep = AdamStep{Clip: 1, Beta1: 0.9, Gain1: 0.1, Beta2: 0.999, Gain2: 0.001, Decay: 1, Rate: 1e-3, Root: 0, Eps: 1}
)

// someRows returns n numbers of p rows for each of p orbits, at least least.
func someRows(p, least, n int) []int32 {
	r := rand.New(rand.NewPCG(uint64(p), uint64(n)))
	rows := make([]int32, p*n)
	for i := range rows {
		rows[i] = int32(least + r.IntN(p-least))
	}
	return rows
}

// sizes are the rows and their lengths to try: every length of a vector up to 100, then rows of many lengths, and then what
// needs more calls than one.
func sizes(rowwise bool) [][2]int {
	var list [][2]int
	for n := range 101 {
		list = append(list, [2]int{1, n}, [2]int{n, 1})
	}
	list = append(list, [2]int{1, 1000}, [2]int{1, callLen + 45})
	if rowwise {
		for _, c := range []int{2, 3, 7, 8, 15, 16, 17, 24, 31, 32, 33, 48, 63, 64, 65, 96, 128, 200, 257} {
			for _, p := range []int{0, 2, 3, 5, 16} {
				list = append(list, [2]int{p, c})
			}
		}
		list = append(list, [2]int{callLen/48 + 5, 48})
	}
	return list
}

func TestKernelsEqualReference(t *testing.T) {
	defer SetISA(ISA())
	for _, k := range kernelCases {
		t.Run(k.name, func(t *testing.T) {
			for i, s := range sizes(len(k.layout) > 0 && k.rowwise()) {
				k.check(t, s[0], s[1], i%4, i%2 == 1, -1)
				k.check(t, s[0], s[1], (i+1)%4, i%2 == 0, -1)
				for _, in := range k.in {
					k.check(t, s[0], s[1], (i+2)%4, i%2 == 0, in)
				}
			}
		})
	}
}

// rowwise reports whether the shape of X matters and not its length alone.
func (k *kernelCase) rowwise() bool {
	for _, l := range k.layout {
		if l == 'c' {
			return true
		}
	}
	return k.name[0] == 'G'
}

// check compares every instruction set with plain Go on p rows of c numbers, which begin at an offset and are random, wild
// or tame; if alias is not negative, slice 0 is slice alias. Whatever lies around the slices must stay.
func (k *kernelCase) check(t *testing.T, p, c, offset int, wild bool, alias int) {
	t.Helper()
	if c == 0 {
		p = 0 // rows of nothing have no numbers
	}
	run := func(isa string) [][]float32 {
		if err := SetISA(isa); err != nil {
			t.Fatal(err)
		}
		r := rand.New(rand.NewPCG(uint64(p), uint64(c)))
		all := make([][]float32, len(k.layout))
		v := make([][]float32, len(k.layout))
		for i, l := range k.layout {
			all[i], v[i] = guarded(r, map[rune]int{'X': p * c, 'c': c, '1': 1}[l], i, offset, wild)
		}
		if alias >= 0 {
			v[0] = v[alias]
		}
		k.run(v, p, c)
		return all
	}
	emulated := emulating()
	want := run("generic")
	emulated()
	for _, isa := range Available() {
		got := run(isa)
		for i := range want {
			if j := differs(got[i], want[i], i); j >= 0 {
				t.Fatalf("%s, %d rows of %d, offset %d, wild %v, alias %d: slice %d[%d] = %x, want %x", isa, p, c, offset, wild, alias,
					i, j-guard-offset, got[i][j], want[i][j])
			}
		}
	}
}

const (
	guard     = 24 // on either side
	guardBits = 0x7fc0bee0
)

// guarded returns n random numbers, slice i of a kernel, and all of them with what lies around: NaN of that slice's kind, since
// a sum of NaN keeps the kind of one.
func guarded(r *rand.Rand, n, i, offset int, wild bool) (all, v []float32) {
	all = make([]float32, guard+offset+n+guard)
	for j := range all {
		all[j] = math.Float32frombits(guardBits + uint32(i))
	}
	v = all[guard+offset:][:n:n]
	for i := range v {
		v[i] = float32(r.NormFloat64())
		if wild {
			v[i] = someWild(r)
		}
	}
	return all, v
}

// someWild returns a number of any size, or one of those with a meaning of their own.
func someWild(r *rand.Rand) float32 {
	inf := float32(math.Inf(1))
	special := []float32{0, float32(math.Copysign(0, -1)), 1, -1, inf, -inf, float32(math.NaN()), 1e-45, -1e-45, 0x1p-126, 0x1.fffffcp-127,
		math.MaxFloat32, -math.MaxFloat32, 88.72, 88.73, -87.4, -103.9, -104.1, -110.5, 110.5, 0.55, 9.1, 1 << 17, 1<<17 + 1, 1e20}
	switch r.IntN(6) {
	case 0:
		return special[r.IntN(len(special))]
	case 1:
		return math.Float32frombits(r.Uint32())
	default:
		return float32(r.NormFloat64() * 30)
	}
}

// differs returns the first place where x and y, slice i with its guards, are not the same bits, or −1. One NaN is as good as
// another between the guards, which must keep theirs.
func differs(x, y []float32, i int) int {
	for j := range x {
		if math.Float32bits(x[j]) != math.Float32bits(y[j]) && (x[j] == x[j] || y[j] == y[j]) {
			return j
		}
		if guards := j < guard || j >= len(x)-guard; guards && math.Float32bits(x[j]) != guardBits+uint32(i) {
			return j
		}
	}
	return -1
}

func ExampleAdd() {
	x := []float32{1, 2, 3}
	Add(x, x, []float32{10, 20, 30})
	fmt.Println(x)
	// Output: [11 22 33]
}
