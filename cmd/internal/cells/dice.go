package cells

import (
	"math"

	"spdiff/tensor"
)

// dice are the random numbers of one picture; the fullest takes two thirds of them.
type dice struct {
	class       int
	uniforms    [1 << 11]float32
	normals     [1 << 10]float32
	rolls, draw int // taken of each
}

// newDice rolls the numbers of picture i: streams 2i and 2i+1 of the seed.
func newDice(seed uint64, i int) *dice {
	d := &dice{class: Set{seed, i + 1}.Label(i)}
	tensor.NewStream(seed, 2*uint64(i)).Uniform(d.uniforms[:], 0)
	tensor.NewStream(seed, 2*uint64(i)+1).Normal(d.normals[:], 0)
	return d
}

// between returns a number uniform on [lo, hi).
func (d *dice) between(lo, hi float64) float64 {
	v := float64(d.uniforms[d.rolls])
	d.rolls++
	return lo + float64((hi-lo)*v)
}

// about returns a normal number of a mean and a deviation, brought within two deviations.
func (d *dice) about(mean, deviation float64) float64 {
	v := float64(d.normals[d.draw])
	d.draw++
	return mean + float64(deviation*math.Max(-2, math.Min(2, v)))
}

// direction returns a unit vector, any as likely as any other.
func (d *dice) direction() (x, y float64) {
	x, y = float64(d.normals[d.draw]), float64(d.normals[d.draw+1])
	d.draw += 2
	length := math.Sqrt(float64(x*x) + float64(y*y))
	if length == 0 {
		return 1, 0
	}
	return x / length, y / length
}
