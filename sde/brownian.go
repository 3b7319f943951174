package sde

import (
	"math"

	"spdiff/tensor"
)

// A Brownian is a Brownian path over the times from From down to To, one for each number of each image: a function of the
// seed, the image, the number and the interval alone. Several solutions, or the same at different steps, share it.
//
// It is a virtual Brownian tree: the increment over the whole interval, and its area, are random numbers of the root, and
// those of the halves of an interval follow from its own and two random numbers of its node (Foster, Lyons & Oberhauser, "An
// optimal polynomial approximation of Brownian motion", 2020),
//
//	W' = W/2 + 3H/2 + Z,  H' = H/4 − Z/2 + N/2,    Z ~ N(0, h/16), N ~ N(0, h/12)
//
// H being ∫(W_r − (r/h)W) dr/h over the interval. The random numbers are those of stream number image of the counter-based
// generator. Nothing is kept; an increment takes two random numbers a halving at either end. Ends are rounded to
// 2^−Depth of the whole.
type Brownian struct {
	Seed     uint64
	From, To float64 // From > To
	Depth    int     // halvings; 0: 20
}

// Increment sets w to W_s − W_t and h, if not nil, to the area H over the interval from t to s < t, as the time runs in a
// solution: normal with variances t−s and (t−s)/12, independent. It panics with an [*ArgumentError] if the interval is not
// within From and To, or shorter than 2^−Depth of them.
func (b Brownian) Increment(w, h []float32, image int, t, s float64) {
	var z branch
	for at := 0; at < len(w); at += branchLen {
		n := min(len(w)-at, branchLen)
		b.increment(&z, image, at, len(w), t, s)
		for i := range n {
			w[at+i] = float32(z.w[i])
			if h != nil {
				h[at+i] = float32(z.h[i])
			}
		}
	}
}

// Noise returns the path as the noise of a solution with these times: for methods with one draw a step, draw i is the
// increment over step i, brought to variance 1; with two (as SRA1), draws 2i and 2i+1 are the increment and the area. The
// start is that of [Seeded].
func (b Brownian) Noise(times []float64, draws int) Noise {
	if draws != 1 && draws != 2 {
		panic(&ArgumentError{"Brownian", "a step has one draw or two", draws})
	}
	return func(z []float32, image, draw int) {
		if draw == Start {
			Seeded(b.Seed)(z, image, Start)
			return
		}
		if draw/draws >= len(times)-1 {
			panic(&ArgumentError{"Brownian", "there is no step with this draw; the method makes more of them a step", draw})
		}
		b.normal(z, image, times[draw/draws], times[draw/draws+1], draw%draws == 1)
	}
}

// normal sets z to the increment, or the area, over an interval, brought to variance 1.
func (b Brownian) normal(z []float32, image int, t, s float64, area bool) {
	var v branch
	for at := 0; at < len(z); at += branchLen {
		length := b.increment(&v, image, at, len(z), t, s)
		from, scale := &v.w, 1/math.Sqrt(length)
		if area {
			from, scale = &v.h, sqrt12*scale
		}
		for i := range z[at:min(at+branchLen, len(z))] {
			z[at+i] = float32(scale * from[i])
		}
	}
}

// branchLen is how many numbers of an image walk down the tree together, on the stack.
const branchLen = 256

// A branch has, for numbers of an image, an interval's increment and area, and the path and its integral at its start.
type branch struct{ w, h, start, integral [branchLen]float64 }

// increment sets z.w and z.h to the increments and areas from t to s, of the numbers from at on of an image of size numbers,
// and returns the interval's length.
func (b Brownian) increment(z *branch, image, at, size int, t, s float64) float64 {
	from, to := b.node(t), b.node(s)
	if !(b.From >= t && t > s && s >= b.To) || from == to {
		panic(&ArgumentError{"Brownian", "an interval must lie within the path's, and not be too short for its depth", [2]float64{t, s}})
	}
	length := math.Ldexp(float64(to-from)*(b.From-b.To), -b.depth())
	var end branch
	b.walk(z, image, at, size, from)
	b.walk(&end, image, at, size, to)
	for i := range z.w {
		z.w[i] = end.start[i] - z.start[i]
		z.h[i] = (end.integral[i]-z.integral[i])/length - z.start[i] - z.w[i]/2
	}
	return length
}

func (b Brownian) depth() int {
	if b.Depth == 0 {
		return 20
	}
	return b.Depth
}

// node returns the place of a time on the path, in units of 2^−depth of the whole.
func (b Brownian) node(t float64) int {
	return int(math.Round(math.Ldexp((b.From-t)/(b.From-b.To), b.depth())))
}

// walk sets z.start and z.integral to the path and its integral at a node.
func (b Brownian) walk(z *branch, image, at, size, node int) {
	var first, second [branchLen]float32
	draw := func(number int) {
		n := min(branchLen, size-at)
		stream, offset := tensor.NewStream(b.Seed, uint64(image)), uint64(2*number+1)*uint64(size)+uint64(at)
		stream.Normal(first[:n], offset)
		stream.Normal(second[:n], offset+uint64(size))
	}
	length, width := b.From-b.To, 1<<b.depth()
	draw(0)
	for i := range z.w {
		z.w[i] = float64(math.Sqrt(length) * float64(first[i]))
		z.h[i] = float64(math.Sqrt(length/12) * float64(second[i]))
		z.start[i], z.integral[i] = 0, 0
	}
	for number := 1; node > 0; number *= 2 {
		if node == width {
			z.pass(z, length)
			return
		}
		draw(number)
		var right branch
		z.halve(&right, &first, &second, length)
		width, length = width/2, length/2
		if node >= width {
			right.start, right.integral = z.start, z.integral
			right.pass(z, length)
			z.w, z.h = right.w, right.h
			z.start, z.integral = right.start, right.integral
			node -= width
			number++
		}
	}
}

// halve makes z the first half of an interval of some length, and right the second.
func (z *branch) halve(right *branch, first, second *[branchLen]float32, length float64) {
	c, d := math.Sqrt(length/16), math.Sqrt(length/12)
	for i, w := range z.w {
		h := z.h[i]
		m, n := float64(c*float64(first[i])), float64(d*float64(second[i]))
		z.w[i], right.w[i] = w/2+float64(1.5*h)+m, w/2-float64(1.5*h)-m
		z.h[i], right.h[i] = h/4-m/2+n/2, h/4-m/2-n/2
	}
}

// pass moves start and integral of z over an interval with the increments of over, of some length.
func (z *branch) pass(over *branch, length float64) {
	for i, w := range over.w {
		z.integral[i] += float64(length * (z.start[i] + w/2 + over.h[i]))
		z.start[i] += w
	}
}
