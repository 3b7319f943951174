package asm

import (
	"errors"
	"testing"
)

func TestLengthsThatDoNotFitPanic(t *testing.T) {
	v := func(n int) []float32 { return make([]float32, n) }
	for name, f := range map[string]func(){
		"Add":            func() { Add(v(3), v(3), v(2)) },
		"MulAdd":         func() { MulAdd(v(3), v(3), v(3), v(4)) },
		"Exp":            func() { Exp(v(3), v(2)) },
		"Dot":            func() { Dot(v(3), v(2)) },
		"Affine":         func() { Affine(v(6), v(6), v(4), v(4)) },
		"Affine, b":      func() { Affine(v(6), v(6), v(3), v(2)) },
		"Affine, 0":      func() { Affine(v(6), v(6), nil, nil) },
		"ColumnSum":      func() { ColumnSum(v(4), v(6)) },
		"OrbitSum, n":    func() { OrbitSum(v(2), v(6), []int32{0, 1, 2}, 3) },
		"OrbitSum, rest": func() { OrbitSum(v(2), v(6), []int32{0, 1, 2}, 2) },
		"OrbitSquares":   func() { OrbitSquares(v(2), v(6), v(3), []int32{0, 1}, 2) },
		"Gather":         func() { Gather(v(5), v(6), []int32{0, 1}) },
		"GatherSum":      func() { GatherSum(v(4), v(7), []int32{0, 1, 2, 0}, 2) },
		"Adam":           func() { Adam(v(3), v(3), v(3), v(2), &AdamStep{}) },
	} {
		var length *LengthError
		if err := panicOf(f); !errors.As(err, &length) {
			t.Errorf("%s: panic of %v, want a *LengthError", name, err)
		}
	}
}

func TestRowsOutsidePanic(t *testing.T) {
	x := make([]float32, 6)
	for name, f := range map[string]func(){
		"OrbitSum":       func() { OrbitSum(x[:2], x, []int32{0, 3}, 2) },
		"OrbitSum, < 0":  func() { OrbitSum(x[:2], x, []int32{0, -1}, 2) },
		"OrbitSquares":   func() { OrbitSquares(x[:2], x, x[2:4], []int32{3}, 1) },
		"Gather":         func() { Gather(make([]float32, 4), x, []int32{0, 3}) },
		"GatherSum":      func() { GatherSum(make([]float32, 2), x, []int32{1, 7}, 2) },
		"GatherSum of 0": func() { GatherSum(make([]float32, 2), nil, []int32{-1, 0}, 2) },
	} {
		var index *IndexError
		if err := panicOf(f); !errors.As(err, &index) {
			t.Errorf("%s: panic of %v, want an *IndexError", name, err)
		}
	}
}

func panicOf(f func()) (err error) {
	defer func() { err, _ = recover().(error) }()
	f()
	return nil
}

func TestKernelsAllocateNothing(t *testing.T) {
	x, orbits := make([]float32, 64), []int32{0, 1, 2, 3}
	step := AdamStep{}
	for name, f := range map[string]func(){
		"Add":      func() { Add(x, x, x) },
		"Sum":      func() { x[0] = Sum(x) },
		"Sin":      func() { Sin(x, x) },
		"Affine":   func() { Affine(x, x, x[:16], x[16:32]) },
		"OrbitSum": func() { OrbitSum(x[:16], x, orbits, 4) },
		"Adam":     func() { Adam(x[:16], x[16:32], x[32:48], x[48:], &step) },
	} {
		if n := testing.AllocsPerRun(10, f); n != 0 {
			t.Errorf("%s allocates %v times", name, n)
		}
	}
}
