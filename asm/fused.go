package asm

import "math"

// fused reports that the compiler makes one operation with one rounding of x*y + z in FMA, tileBlock and outerBlock. It may,
// where the machine has one (arm64, ppc64le, s390x, riscv64, and amd64 with GOAMD64=v3), but the language does not promise
// that it does. So the program looks, once, at the very code that it will run: what does not fuse is not used.
var fused bool

func init() { fused = fuses() }

// fuses compares with the emulation, which is what FMA is while fused is false.
func fuses() bool {
	for _, c := range append(tileProbe(), outerProbe()...) {
		if !c {
			return false
		}
	}
	return fmaProbe()
}

const probeSteps = 9

// probeNumbers returns n numbers of 24 bits, without a pattern.
func probeNumbers(n int, seed uint32) []float32 {
	x := make([]float32, n)
	for i := range x {
		seed = seed*1664525 + 1013904223
		x[i] = float32(int32(seed)>>8) / (1 << 23)
	}
	return x
}

// tileProbe reports for each chain of a block whether tileFused gives what tileGeneric does, after 1 step, 2, and so on.
func tileProbe() []bool {
	t := Tiling{Rows: fusedRows, Cols: fusedCols, Width: fusedCols, Count: 1,
		X: Strides{probeSteps, 2 * probeSteps, 0}, Z: Strides{fusedCols, 2 * fusedCols, 0}}
	segments := []Segment{{probeNumbers(fusedRows*probeSteps, 1), probeNumbers(fusedCols*probeSteps, 2)}}
	return probe(func(z []float32, steps int) {
		t.Depth = steps
		tileFused(z, nil, segments, &t)
	}, func(z []float32, steps int) {
		t.Depth = steps
		tileGeneric(z, nil, segments, &t)
	})
}

// outerProbe is tileProbe for outerFused.
func outerProbe() []bool {
	o := Sweep{Rows: fusedRows, Cols: fusedCols, Stride: fusedCols, Images: 1, Height: 1,
		X: Pixels{Pixel: fusedRows}, Y: Pixels{Pixel: fusedCols}}
	x, y := probeNumbers(fusedRows*probeSteps, 3), probeNumbers(fusedCols*probeSteps, 4)
	return probe(func(z []float32, steps int) {
		o.Width = steps
		outerFused(z, x, y, &o)
	}, func(z []float32, steps int) {
		o.Width = steps
		outerGeneric(z, x, y, &o)
	})
}

// probe reports which numbers of a block are the same from both after any number of steps.
func probe(got, want func(z []float32, steps int)) []bool {
	same := make([]bool, fusedRows*fusedCols)
	for i := range same {
		same[i] = true
	}
	for steps := 1; steps <= probeSteps; steps++ {
		z := probeNumbers(len(same), uint32(steps))
		w := append([]float32(nil), z...)
		got(z, steps)
		want(w, steps)
		for i := range z {
			same[i] = same[i] && math.Float32bits(z[i]) == math.Float32bits(w[i])
		}
	}
	return same
}

// fmaProbe does what the others do for FMA itself.
func fmaProbe() bool {
	defer func(was bool) { fused = was }(fused)
	v := probeNumbers(3*probeSteps, 5)
	for i := 0; i < len(v); i += 3 {
		fused = false
		want := FMA(v[i], v[i+1], v[i+2])
		fused = true
		if math.Float32bits(FMA(v[i], v[i+1], v[i+2])) != math.Float32bits(want) {
			return false
		}
	}
	return true
}
