package theory

// A Network is a function on batches of float32 images, such as an sde.Score or sde.Denoiser, as a [Field]: of one image, which
// is a vector of ℝⁿ.
//
// Points are rounded to float32 on the way in; nothing is rounded on the way out. At points of float32 numbers, such as those of
// [Points] with a scale that is a power of 2, and under a group that moves numbers without rounding, an equivariance is
// therefore one of the network's own bits. A grid group is isometry.Grid.
//
// Like a bufio.Scanner it keeps the first error: the field is 0 from then on, and Err must be asked at the end. It serves one
// goroutine.
type Network struct {
	f    func(z, x []float32, t float64) error
	z, x []float32
	err  error
}

// NewNetwork returns f as a field.
func NewNetwork(f func(z, x []float32, t float64) error) *Network { return &Network{f: f} }

// Field is a [Field].
func (n *Network) Field(z, x []float64, t float64) {
	n.z, n.x = n.z[:0], n.x[:0]
	for _, v := range x {
		n.x, n.z = append(n.x, float32(v)), append(n.z, 0)
	}
	if n.err == nil {
		n.err = n.f(n.z, n.x, t)
	}
	for i, v := range n.z {
		z[i] = float64(v)
		if n.err != nil {
			z[i] = 0
		}
	}
}

// Err returns the first error of the function.
func (n *Network) Err() error { return n.err }
