package warp

import (
	"math"
	"testing"

	"spdiff/tensor"
)

// Each move happens as often as it should, and its numbers say it: they are zeros where nothing is done, and nothing else is.
func TestDraw(t *testing.T) {
	const n, p = 4000, 0.3
	var counts [Labels]int
	still := 0
	for k := range uint64(n) {
		m := Draw(tensor.NewStream(1, k), p, 28, 28)
		if again := Draw(tensor.NewStream(1, k), p, 28, 28); again != m {
			t.Fatal("the same random numbers make another move")
		}
		for i, v := range m.Labels {
			if v != 0 {
				counts[i]++
			}
		}
		if m.Labels == ([Labels]float32{}) {
			still++
			if m != (Move{Back: identity}) {
				t.Fatalf("a move without labels: %+v", m)
			}
		}
		if said := m.matrix(28, 28); furthestMatrix(said, m.Back) > 1e-5 || m.FlipX != (m.Labels[0] == 1) || m.FlipY != (m.Labels[1] == 1) {
			t.Fatalf("the labels %v say %v, and what is done is %+v", m.Labels, said, m)
		}
	}
	for i, want := range [Labels]float64{0.5, p / 2, p, p, p, p, p / 2, p, p} {
		if got := float64(counts[i]) / n; math.Abs(got-want) > 0.03 {
			t.Errorf("number %d is there in a share of %v, want %v", i, got, want)
		}
	}
	if want := 0.5 * (1 - p/2) * math.Pow(1-p, 4); math.Abs(float64(still)/n-want) > 0.03 {
		t.Errorf("nothing happens in a share of %v, want %v", float64(still)/n, want)
	}
	for k := range uint64(100) {
		if m := Draw(tensor.NewStream(1, k), 0, 28, 28); m != (Move{Back: identity}) {
			t.Fatalf("with probability 0: %+v", m)
		}
	}
}

// matrix returns the way back that labels say, by inverting the way there.
func (m Move) matrix(h, w int) [6]float64 {
	l := func(i int) float64 { return float64(m.Labels[i]) }
	s := math.Exp2(l(2) / 5)
	there := [6]float64{s, 0, 0, 0, s, 0}
	there = after([6]float64{l(3) + 1, -l(4), 0, l(4), l(3) + 1, 0}, there)
	if size := math.Hypot(l(5), l(6)); size > 0 {
		cos, sin, a := l(5)/size, l(6)/size, math.Exp2(size/5)
		// −w at r is w at r+π with its sign: the direction is the same line, and the sign of w is lost but for r = 0.
		if m.Labels[6] == 0 && m.Labels[5] < 0 {
			a = 1 / a
		}
		best, distance := [6]float64{}, math.Inf(1)
		for _, a := range []float64{a, 1 / a} {
			b := 1 / a
			g := after([6]float64{a*cos*cos + b*sin*sin, (a - b) * cos * sin, 0, (a - b) * cos * sin, a*sin*sin + b*cos*cos, 0}, there)
			g[2], g[5] = l(7)*float64(w)/8, l(8)*float64(h)/8
			if d := furthestMatrix(inverse(g), m.Back); d < distance {
				best, distance = inverse(g), d
			}
		}
		return best
	}
	there[2], there[5] = l(7)*float64(w)/8, l(8)*float64(h)/8
	return inverse(there)
}

// after returns a∘b of maps that shift nothing.
func after(a, b [6]float64) [6]float64 {
	return [6]float64{a[0]*b[0] + a[1]*b[3], a[0]*b[1] + a[1]*b[4], 0, a[3]*b[0] + a[4]*b[3], a[3]*b[1] + a[4]*b[4], 0}
}

func inverse(a [6]float64) [6]float64 {
	d := a[0]*a[4] - a[1]*a[3]
	return [6]float64{a[4] / d, -a[1] / d, (a[1]*a[5] - a[4]*a[2]) / d, -a[3] / d, a[0] / d, (a[3]*a[2] - a[0]*a[5]) / d}
}

func furthestMatrix(a, b [6]float64) (d float64) {
	for i := range a {
		d = max(d, math.Abs(a[i]-b[i])/(1+math.Abs(b[i])))
	}
	return d
}
