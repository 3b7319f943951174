// Command minimax computes the polynomials in asm/constants.go:
//
//	go run ./minimax        (in asm/internal/gen)
//
// For each function it finds the polynomial q for which head(x) + tail(x)·q(u(x)) has the least greatest relative error on
// an interval, by Remez's exchange in float64. It prints the coefficients, highest first, rounded to float32, and the error
// that the rounded ones leave.
package main

import (
	"fmt"
	"math"
)

// A problem asks for f(x) ≈ head(x) + tail(x)·q(u(x)) on [lo, hi], deg q given.
type problem struct {
	name             string
	lo, hi           float64
	degree           int
	f, head, tail, u func(x float64) float64
}

func id(x float64) float64     { return x }
func square(x float64) float64 { return x * x }
func cube(x float64) float64   { return x * x * x }

// problems are on intervals a little wider than arguments are reduced to. Those of odd and even functions begin beside 0,
// where the error relative to the function is not a number.
var problems = []problem{
	{"exp", -0.3469, 0.3469, 4, math.Exp, func(x float64) float64 { return 1 + x }, square, id},
	{"log", -1. / 3, 1. / 3, 8, math.Log1p, id, square, id},
	{"tanh", 1e-9, 0.55, 4, math.Tanh, id, cube, square},
	{"sin", 1e-9, 0.7855, 2, math.Sin, id, cube, square},
	{"cos", 1e-9, 0.7855, 2, math.Cos, func(x float64) float64 { return 1 - x*x/2 },
		func(x float64) float64 { return square(square(x)) }, square},
}

func main() {
	for _, p := range problems {
		c := rounded(p.remez())
		fmt.Printf("%s on [%.4g, %.4g]:", p.name, p.lo, p.hi)
		for i := range c {
			fmt.Printf(" %x", c[len(c)-1-i])
		}
		fmt.Printf(", error 2^%.1f\n", math.Log2(p.worst(c)))
	}
}

func rounded(c []float64) []float64 {
	r := make([]float64, len(c))
	for i := range c {
		r[i] = float64(float32(c[i]))
	}
	return r
}

// err is the error, relative to |f|, of the polynomial with coefficients c, lowest first.
func (p problem) err(c []float64, x float64) float64 {
	q := 0.0
	for i := len(c) - 1; i >= 0; i-- {
		q = q*p.u(x) + c[i]
	}
	return (p.head(x) - p.f(x) + p.tail(x)*q) / math.Abs(p.f(x))
}

const grid = 20000

func (p problem) at(i int) float64 { return p.lo + (p.hi-p.lo)*(float64(i)+0.5)/grid }

// worst returns the size of the greatest error.
func (p problem) worst(c []float64) float64 {
	size := 0.0
	for i := range grid {
		size = max(size, math.Abs(p.err(c, p.at(i))))
	}
	return size
}

// remez levels the error on a reference of degree+2 points, moves the points to the extremes of the error, and repeats.
func (p problem) remez() []float64 {
	n := p.degree + 2
	ref := make([]float64, n)
	for i := range ref {
		ref[i] = p.lo + (p.hi-p.lo)*(1-math.Cos(math.Pi*(float64(i)+0.5)/float64(n)))/2
	}
	var c []float64
	for range 60 {
		c = p.level(ref)
		ext := p.extremes(c)
		if len(ext) < n {
			break
		}
		for len(ext) > n { // drop the lesser end
			if math.Abs(p.err(c, ext[0])) < math.Abs(p.err(c, ext[len(ext)-1])) {
				ext = ext[1:]
			} else {
				ext = ext[:len(ext)-1]
			}
		}
		ref = ext
	}
	return c
}

// extremes returns the places of the greatest error between changes of its sign.
func (p problem) extremes(c []float64) []float64 {
	var ext []float64
	best, sign := 0.0, 0.0
	for i := range grid {
		x := p.at(i)
		e := p.err(c, x)
		switch {
		case math.Abs(e) < 1e-13: // rounding noise where tail vanishes
		case e*sign <= 0:
			ext = append(ext, x)
			best, sign = math.Abs(e), e
		case math.Abs(e) > best:
			ext[len(ext)-1], best = x, math.Abs(e)
		}
	}
	return ext
}

// level solves for coefficients whose error alternates between ±e on the reference.
func (p problem) level(ref []float64) []float64 {
	n := len(ref)
	a := make([][]float64, n)
	for i, x := range ref {
		a[i] = make([]float64, n+1)
		w := p.tail(x) / math.Abs(p.f(x))
		for j := 0; j < n-1; j++ {
			a[i][j] = w
			w *= p.u(x)
		}
		a[i][n-1] = 1 - 2*float64(i%2)
		a[i][n] = (p.f(x) - p.head(x)) / math.Abs(p.f(x))
	}
	return solve(a)[:n-1]
}

// solve is Gaussian elimination with pivoting on an augmented matrix.
func solve(a [][]float64) []float64 {
	n := len(a)
	for k := range n {
		for i := k + 1; i < n; i++ {
			if math.Abs(a[i][k]) > math.Abs(a[k][k]) {
				a[i], a[k] = a[k], a[i]
			}
		}
		for i := k + 1; i < n; i++ {
			r := a[i][k] / a[k][k]
			for j := k; j <= n; j++ {
				a[i][j] -= r * a[k][j]
			}
		}
	}
	x := make([]float64, n)
	for i := n - 1; i >= 0; i-- {
		x[i] = a[i][n]
		for j := i + 1; j < n; j++ {
			x[i] -= a[i][j] * x[j]
		}
		x[i] /= a[i][i]
	}
	return x
}
