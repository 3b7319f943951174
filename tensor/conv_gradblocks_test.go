package tensor

import "testing"

// Few pixels of many channels keep 16 workers busy.
func TestWeightGradPieces(t *testing.T) {
	for _, p := range Precisions() {
		s := ConvShape{N: 32, H: 7, W: 7, Cin: 256, Cout: 256, Precision: p}
		x := make([]float32, s.N*s.H*s.W*s.Cin)
		group, points := NewGroupConv(s, mirrored(3, 3, 4, false)), NewGroupConv(s, mirrored(1, 1, 4, false))
		for name, tasks := range map[string][]Task{
			"dense":   NewConv(s, Dense(3, 3)).WeightGrad(make([]float32, 9*s.Cin*s.Cout), x, x),
			"pixels":  NewConv(s, Dense(1, 1)).WeightGrad(make([]float32, s.Cin*s.Cout), x, x),
			"tied":    NewConv(s, kernels()["3x3C4"]).WeightGrad(make([]float32, 3*s.Cin*s.Cout), x, x),
			"regular": group.WeightGrad(make([]float32, group.weightLen()), x, x),
			"planes":  points.WeightGrad(make([]float32, points.weightLen()), x, x),
		} {
			if n := most(tasks); n < 16 {
				t.Errorf("%v, %s: %d pieces, fewer than 16", p, name, n)
			}
		}
	}
}

// most is how many pieces the task has that has most, but for those that add parts, after it.
func most(tasks []Task) (n int) {
	for _, task := range tasks[:min(2, len(tasks))] {
		n = max(n, task.N)
	}
	return n
}
