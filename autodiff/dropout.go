package autodiff

import (
	"fmt"

	"spdiff/tensor"
)

// Dropout returns x with each element set to zero with probability rate, and else multiplied by 1/(1 − rate). With rate 0 it
// is x itself.
//
// What is dropped of image i is a function of its key, row i of key (N, 2), and of the salt, which differs between the
// dropouts of a network: the random stream of seed salt and number key[i,0] + 2²⁴·key[i,1], whose parts are whole numbers
// below 2²⁴. It does not depend on the batch. Building it panics with a *ShapeError if the shapes do not fit.
func Dropout(x, key *Node, salt uint32, rate float64) *Node {
	if rate == 0 {
		return x
	}
	s, ks := x.Shape(), key.Shape()
	if len(s) < 2 || len(ks) != 2 || ks[0] != s[0] || ks[1] != 2 || !(rate > 0 && rate < 1) {
		panic(&ShapeError{"dropout", []tensor.Shape{s, ks}, fmt.Sprintf("the shapes must be (N, …) and (N, 2), and the rate %v in [0, 1)", rate)})
	}
	n := size(s) / s[0]
	keep := float32(1 / (1 - rate))
	mask := apply(op{
		name:  "dropout.mask",
		shape: s,
		bind: func(z []float32, a [][]float32) []tensor.Task {
			return []tensor.Task{{N: s[0], Do: func(i, _ int) {
				k, zi := a[0][2*i:2*i+2], z[i*n:(i+1)*n]
				tensor.NewStream(uint64(salt), uint64(k[0])|uint64(k[1])<<24).Uniform(zi, 0)
				for j, u := range zi {
					if u < float32(rate) {
						zi[j] = 0
					} else {
						zi[j] = keep
					}
				}
			}}}
		},
		grad: func(_, _ *Node) []*Node { return []*Node{nil} },
	}, key)
	return Mul(x, mask)
}
