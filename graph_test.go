package spdiff

import (
	"testing"

	"spdiff/autodiff"
	"spdiff/group"
	"spdiff/sde"
)

// The network of Graph, told what Coefficients says, is the model's denoiser: a solution of one step is what it makes of the start.
func TestGraphIsTheDenoiser(t *testing.T) {
	for k, predict := range Predictions() {
		c := tiny(group.C4, WT)
		c.Predict, c.Schedule, c.Condition = predict, Linear, k%2 == 0
		c.Network.Classes = 2
		m := shaken(t, c)
		want, err := m.Sample(t.Context(), Sampling{N: 3, Reversal: Reversal{Steps: 1, Seed: 5, Solver: sde.DDIM{}}})
		if err != nil {
			t.Fatal(err)
		}
		g := m.Graph(3)
		w := autodiff.Compile(g.Output).NewWorkspace()
		w.Prepare()
		times := sde.Grid(c.Process(), sde.DDIM{}, 1)
		a, time := m.Coefficients(times[0])
		_, sigma := c.Process().Marginal(times[0])
		x := make([]float32, want.Len())
		for i := range 3 {
			sde.Seeded(5)(x[i*len(x)/3:(i+1)*len(x)/3], i, sde.Start)
			w.Input(g.Time)[i], w.Input(g.Class)[i] = time, float32(i%2)
		}
		for i := range x {
			x[i] *= float32(sigma)
			w.Input(g.X)[i] = float32(a.In) * x[i]
		}
		w.Run()
		for i, f := range w.Output(g.Output) {
			d := float64(a.Skip)*float64(x[i]) + a.Out*float64(f)
			if d = max(-1, min(1, d)); !(abs(d-float64(want.Data()[i])) <= 1e-5) {
				t.Fatalf("%v: number %d is %v, want %v", predict, i, d, want.Data()[i])
			}
		}
	}
}

func abs(x float64) float64 { return max(x, -x) }
