package asm

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// emulating makes FMA an emulation until the function that it returns is called.
func emulating() (end func()) {
	was := fused
	fused = false
	return func() { fused = was }
}

// eachFMA runs f with FMA emulated, and fused where it is.
func eachFMA(t *testing.T, f func(t *testing.T)) {
	t.Run("emulated", func(t *testing.T) {
		defer emulating()()
		f(t)
	})
	if fused {
		t.Run("fused", f)
	}
}

// TestProbesSeeEveryChain: where the compiler does not fuse, each chain of a block rounds twice, and its probe says so. If
// only some did, that chain's numbers would be too tame to tell.
func TestProbesSeeEveryChain(t *testing.T) {
	if fused {
		t.Skip("here the chains round once")
	}
	for name, same := range map[string][]bool{"tile": tileProbe(), "outer": outerProbe(), "FMA": {fmaProbe()}} {
		for i, s := range same {
			if s {
				t.Errorf("%s: two roundings pass for one in chain %d", name, i)
			}
		}
	}
}

// TestFusedFMA compares fused and emulated FMA of numbers of any size, of infinities, NaN and denormals, and of sums next to
// the middle between two float32.
func TestFusedFMA(t *testing.T) {
	if !fused {
		t.Skip("not fused")
	}
	r := rand.New(rand.NewPCG(6, 7))
	for i := range 300000 {
		x, y, z := someWild(r), someWild(r), someWild(r)
		if i%2 == 0 {
			x, y, z = halfway(r)
		}
		got := FMA(x, y, z)
		emulated := emulating()
		want := FMA(x, y, z)
		emulated()
		if math.Float32bits(got) != math.Float32bits(want) && (got == got || want == want) {
			t.Fatalf("FMA(%x, %x, %x) is %x fused, %x emulated", x, y, z, got, want)
		}
	}
}

// halfway returns factors whose product is half a place of z, or half the least denormal, but for a part in 2²⁴ at most.
func halfway(r *rand.Rand) (x, y, z float32) {
	k := float32(r.IntN(3)-1) * 0x1p-23
	z = math.Float32frombits(r.Uint32()&0x807fffff | uint32(r.IntN(200))<<23)
	place := math.Float32frombits(math.Float32bits(z)&^(1<<31)+1) - abs1(z)
	x, y = 0.5+k, place
	if r.IntN(2) == 0 {
		x = -x
	}
	return x, y, z
}

// TestProductsOfWildNumbers is TestTile and TestOuterOfManyPixels over numbers of any size, next to the middle between two
// float32 too, for whole blocks and every smaller one.
func TestProductsOfWildNumbers(t *testing.T) {
	eachProductISA(t, func(t *testing.T) {
		rows, wide, _ := TileSize()
		r := rand.New(rand.NewPCG(8, 9))
		for n := range rows * wide * 2 {
			wildTile(t, r, 1+n%rows, 1+n/rows%wide, wide)
			wildOuter(t, r, 1+n%rows, 1+n/rows%wide)
		}
	})
}

const wildSteps = 6

// wildNumbers fills x, y and z, in which neighbours may meet in the middle of two float32.
func wildNumbers(r *rand.Rand, nx, ny, nz int) (x, y, z []float32) {
	x, y, z = make([]float32, nx), make([]float32, ny), make([]float32, nz)
	a, b, c := halfway(r)
	for _, v := range []struct {
		all []float32
		one float32
	}{{x, a}, {y, b}, {z, c}} {
		for i := range v.all {
			v.all[i] = v.one
			if r.IntN(3) == 0 {
				v.all[i] = someWild(r)
			}
		}
	}
	return x, y, z
}

func wildTile(t *testing.T, r *rand.Rand, rows, cols, width int) {
	h := (rows + 1) / 2
	ti := Tiling{Rows: rows, Cols: cols, Width: width, Depth: 1 + r.IntN(wildSteps), Count: 1,
		X: Strides{wildSteps, h * wildSteps, 0}, Z: Strides{cols, h * cols, 0}}
	x, w, z := wildNumbers(r, rows*wildSteps, wildSteps*width, rows*cols)
	compare(t, z,
		func(z []float32) { Tile(z, nil, []Segment{{x, w}}, &ti) },
		func(z []float32) { tileGeneric(z, nil, []Segment{{x, w}}, &ti) },
		func() string { return fmt.Sprintf("%+v", ti) })
}

func wildOuter(t *testing.T, r *rand.Rand, rows, cols int) {
	o := Sweep{Rows: rows, Cols: cols, Stride: cols, Images: 1, Height: 1, Width: 1 + r.IntN(wildSteps),
		X: Pixels{Pixel: rows}, Y: Pixels{Pixel: cols}}
	x, y, z := wildNumbers(r, rows*wildSteps, cols*wildSteps, rows*cols)
	compare(t, z,
		func(z []float32) { Outer(z, x, y, &o) },
		func(z []float32) { outerGeneric(z, x, y, &o) },
		func() string { return fmt.Sprintf("%+v", o) })
}
