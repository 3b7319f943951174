package asm

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestAdamIsAdamW takes ten steps as the paper has them, in float64.
func TestAdamIsAdamW(t *testing.T) {
	testAdam(t, func(step int) (*AdamStep, func(m, v float64) float64) {
		const eta, beta1, beta2, eps, decay = 1e-2, 0.9, 0.999, 1e-8, 0.1
		b1, b2 := 1-math.Pow(beta1, float64(step)), 1-math.Pow(beta2, float64(step))
		s := &AdamStep{Clip: 0.5, Beta1: beta1, Gain1: 1 - beta1, Beta2: beta2, Gain2: float32(1 - 0.999), Decay: 1 - eta*decay,
			Rate: float32(eta * math.Sqrt(b2) / b1), Root: 1, Eps: float32(eps * math.Sqrt(b2))}
		return s, func(m, v float64) float64 { return eta * (m / b1) / (math.Sqrt(v/b2) + eps) }
	})
}

// TestAdamIsRAdamUnrectified takes the steps in which RAdam does without v.
func TestAdamIsRAdamUnrectified(t *testing.T) {
	testAdam(t, func(step int) (*AdamStep, func(m, v float64) float64) {
		const eta, beta1, beta2, decay = 1e-2, 0.9, 0.999, 0.1
		b1 := 1 - math.Pow(beta1, float64(step))
		s := &AdamStep{Clip: 0.5, Beta1: beta1, Gain1: 1 - beta1, Beta2: beta2, Gain2: float32(1 - 0.999), Decay: 1 - eta*decay,
			Rate: float32(eta / b1), Root: 0, Eps: 1}
		return s, func(m, v float64) float64 { return eta * m / b1 }
	})
}

// testAdam compares Adam with float64 for moments of 0.9 and 0.999, clipping by 0.5 and p decaying by 0.1·0.01.
func testAdam(t *testing.T, at func(step int) (*AdamStep, func(m, v float64) float64)) {
	const n = 53
	r := rand.New(rand.NewPCG(9, 10))
	p, m, v, g := make([]float32, n), make([]float32, n), make([]float32, n), make([]float32, n)
	var wantP, wantM, wantV [n]float64
	for i := range p {
		p[i] = float32(r.NormFloat64())
		wantP[i] = float64(p[i])
	}
	for step := 1; step <= 10; step++ {
		s, move := at(step)
		for i := range g {
			g[i] = float32(r.NormFloat64())
			h := 0.5 * float64(g[i])
			wantM[i] = 0.9*wantM[i] + 0.1*h
			wantV[i] = 0.999*wantV[i] + 0.001*h*h
			wantP[i] = wantP[i]*(1-0.001) - move(wantM[i], wantV[i])
		}
		Adam(p, m, v, g, s)
		for i := range p {
			if far(p[i], wantP[i]) || far(m[i], wantM[i]) || far(v[i], wantV[i]) {
				t.Fatalf("step %d: p, m, v = %g, %g, %g, want %g, %g, %g", step, p[i], m[i], v[i], wantP[i], wantM[i], wantV[i])
			}
		}
	}
}

func far(x float32, want float64) bool { return math.Abs(float64(x)-want) > 2e-6*(math.Abs(want)+0.1) }
