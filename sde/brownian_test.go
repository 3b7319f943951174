package sde

import (
	"fmt"
	"math"
	"testing"
)

// Increments over intervals that meet add up, and so do the areas: ∫ over both, from where the first began.
func TestBrownianIsOnePath(t *testing.T) {
	b := Brownian{Seed: 3, From: 1, To: 0}
	const n = 300
	get := func(t, s float64) (w, h []float32) {
		w, h = make([]float32, n), make([]float32, n)
		b.Increment(w, h, 5, t, s)
		return w, h
	}
	for _, c := range [][3]float64{{1, 0.5, 0}, {0.9, 0.77, 0.1}, {0.3, 0.299, 0.001}, {0.75, 0.625, 0.5}} {
		w, h := get(c[0], c[2])
		w1, h1 := get(c[0], c[1])
		w2, h2 := get(c[1], c[2])
		l, l1, l2 := c[0]-c[2], c[0]-c[1], c[1]-c[2]
		for i := range n {
			if math.Abs(float64(w[i]-w1[i]-w2[i])) > 1e-6 {
				t.Fatalf("%v: number %d: %v + %v is not %v", c, i, w1[i], w2[i], w[i])
			}
			// ∫(W − W_t)dr over an interval is its length times (W/2 + H).
			first := l1 * float64(w1[i]/2+h1[i])
			second := l2 * float64(w1[i]+w2[i]/2+h2[i])
			// Ends are rounded to 2⁻²⁰.
			if whole := l * float64(w[i]/2+h[i]); math.Abs(whole-first-second) > 1e-5 {
				t.Fatalf("%v: number %d: areas %v + %v are not %v", c, i, first, second, whole)
			}
		}
	}
}

// Increments and areas are normal with the variances that they should have, and independent of each other, of those of other
// intervals, and from image to image.
func TestBrownianLaw(t *testing.T) {
	const n = 1 << 14
	b := Brownian{Seed: 8, From: 3, To: 1}
	type series struct {
		name     string
		x        []float32
		variance float64
	}
	var all []series
	add := func(image int, t, s float64) {
		w, h := make([]float32, n), make([]float32, n)
		b.Increment(w, h, image, t, s)
		name := fmt.Sprintf("image %d, %v to %v", image, t, s)
		all = append(all, series{name + " W", w, t - s}, series{name + " H", h, (t - s) / 12})
	}
	for image := range 2 {
		for _, c := range [][2]float64{{3, 2.2}, {2.2, 2.1875}, {2.1875, 1.3}, {1.3, 1}} {
			add(image, c[0], c[1])
		}
	}
	for i := range 16 { // the nodes of a whole level
		add(2, 3-float64(i)/8, 3-float64(i+1)/8)
	}
	for i, x := range all {
		for j, y := range all[:i+1] {
			want, deviation := 0.0, 1.0
			if i == j {
				want, deviation = 1, math.Sqrt2
			}
			got := dot(x.x, y.x) / n / math.Sqrt(x.variance*y.variance)
			if math.Abs(got-want)*math.Sqrt(n) > 4.5*deviation {
				t.Errorf("the correlation of %s and %s is %.4f, want %v", x.name, y.name, got, want)
			}
		}
		if mean := sumOf(x.x) / n / math.Sqrt(x.variance); math.Abs(mean)*math.Sqrt(n) > 4.5 {
			t.Errorf("the mean of %s is %.4f deviations", x.name, mean)
		}
	}
}

// As a noise: draws have variance 1, are those of the path, and the start is that of the seed.
func TestBrownianNoise(t *testing.T) {
	times := []float64{0.9, 0.5, 0.2}
	b := Brownian{Seed: 6, From: 1, To: 0}
	const n = 700
	w, h, z := make([]float32, n), make([]float32, n), make([]float32, n)
	b.Increment(w, h, 4, 0.5, 0.2)
	for _, c := range []struct {
		draws, draw int
		x           []float32
		variance    float64
	}{{1, 1, w, 0.3}, {2, 2, w, 0.3}, {2, 3, h, 0.3 / 12}} {
		b.Noise(times, c.draws)(z, 4, c.draw)
		for i := range z {
			if want := float64(c.x[i]) / math.Sqrt(c.variance); !near(float64(z[i]), want, 1e-5) {
				t.Fatalf("draw %d of %d a step: number %d is %v, want %v", c.draw, c.draws, i, z[i], want)
			}
		}
	}
	b.Noise(times, 1)(z, 4, Start)
	Seeded(6)(w, 4, Start)
	if !equalBits(z, w) {
		t.Error("the start is not that of the seed")
	}
}

func TestBrownianAllocatesNothing(t *testing.T) {
	z := make([]float32, 700)
	noise := Brownian{Seed: 1, From: 1, To: 0}.Noise([]float64{0.9, 0.3, 0.1}, 2)
	if n := testing.AllocsPerRun(5, func() { noise(z, 3, 1) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestBrownianArguments(t *testing.T) {
	b := Brownian{From: 1, To: 0}
	x := make([]float32, 3)
	for name, f := range map[string]func(){
		"backwards": func() { b.Increment(x, nil, 0, 0.1, 0.2) },
		"outside":   func() { b.Increment(x, nil, 0, 1.1, 0.2) },
		"short":     func() { b.Increment(x, nil, 0, 0.5, 0.5-1e-9) },
		"draws":     func() { b.Noise([]float64{1, 0}, 3) },
		"late draw": func() { b.Noise([]float64{1, 0}, 1)(x, 0, 1) },
	} {
		func() {
			defer func() {
				if _, ok := recover().(*ArgumentError); !ok {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}

// Strong order: the error of single paths, against the same Brownian path at many more steps. The drift is ½cos 2x, so that
// nothing is linear, and the noise is that of EDM. Euler–Maruyama is of order 1 for additive noise, SRA1 of 1.5.
func TestStrongOrder(t *testing.T) {
	b := Brownian{Seed: 4, From: 2, To: 1}
	d := func(z, x []float32, t float64) error {
		for i, v := range x {
			z[i] = v + float32(math.Cos(2*float64(v))*t/4)
		}
		return nil
	}
	run := func(m Solver, draws, n int) []float32 {
		x := make([]float32, 768)
		Seeded(9)(x, 0, 0)
		times := Uniform(2, 1, n)
		solve(t, Sampler{Process: EDM{}, Solver: m, Times: times, Noise: b.Noise(times, draws)}, d, x)
		return x
	}
	best := run(SRA1{1}, 2, 512)
	for _, c := range []struct {
		m     Solver
		draws int
		order float64
	}{{EulerMaruyama{1}, 1, 1}, {SRA1{1}, 2, 1.5}} {
		checkOrder(t, fmt.Sprintf("%#v", c.m), c.order, []int{8, 16, 32, 64}, func(n int) float64 {
			x := run(c.m, c.draws, n)
			for i := range x {
				x[i] -= best[i]
			}
			return rms(x)
		})
	}
}

// For data of which D is affine the terms that hold SRA1 back vanish: the strong order is 2.
func TestStrongOrderOfSRA1ForGaussians(t *testing.T) {
	b := Brownian{Seed: 5, From: early, To: late}
	run := func(n int) []float32 {
		x := make([]float32, 512)
		Seeded(9)(x, 0, 0)
		times := Uniform(early, late, n)
		solve(t, Sampler{Process: PaperCosine, Solver: SRA1{1}, Times: times, Noise: b.Noise(times, 2)}, cell.denoiser(PaperCosine), x)
		return x
	}
	best := run(512)
	checkOrder(t, "SRA1", 2, []int{8, 16, 32, 64}, func(n int) float64 {
		x := run(n)
		for i := range x {
			x[i] -= best[i]
		}
		return rms(x)
	})
}
