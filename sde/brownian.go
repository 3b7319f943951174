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
	Depth    int     // halvings, up to 30; 0: 20
}

// Increment sets w to W_s − W_t and h, if not nil, to the area H over the interval from t to s < t, as the time runs in a
// solution: normal with variances t−s and (t−s)/12, independent. It panics with an [*ArgumentError] if the interval is not
// within From and To, or shorter than 2^−Depth of them, if h has not the length of w, or Depth is not from 0 to 30.
func (b Brownian) Increment(w, h []float32, image int, t, s float64) {
	if h != nil && len(h) != len(w) {
		panic(&ArgumentError{"Brownian", "w and h must have one length", []int{len(w), len(h)}})
	}
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

// Noise returns the path as the noise of a solution with these times: for solvers with one draw a step, draw i is the
// increment over step i, brought to variance 1; with two (as SRA1), draws 2i and 2i+1 are the increment and the area. The
// start is that of [Seeded]. It panics with an [*ArgumentError] for another number of draws, and the noise does for a draw that no
// step has, or as [Brownian.Increment] does.
func (b Brownian) Noise(times []float64, draws int) Noise {
	if draws != 1 && draws != 2 {
		panic(&ArgumentError{"Brownian", "a step has one draw or two", draws})
	}
	return func(z []float32, image, draw int) {
		if draw == Start {
			Seeded(b.Seed)(z, image, Start)
			return
		}
		if draw < 0 || draw/draws >= len(times)-1 {
			panic(&ArgumentError{"Brownian", "there is no step with this draw; the solver makes more of them a step", draw})
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

// branchLen is how many numbers of an image go down the tree together, on the stack.
const branchLen = 256

// A branch is an interval of the tree, for some numbers of an image: its increments and areas, and the path and its integral at
// its start, from where it was begun.
type branch struct {
	w, h, start, integral [branchLen]float64

	image, at, size, n int     // which numbers: n of an image of size numbers, from at on
	number             int     // of the node: the halves of i are 2i and 2i+1
	width              int     // in units of 2^−depth of the whole
	length             float64 // in time
}

// increment sets z.w and z.h to the increments and areas from t to s, of the numbers from at on of an image of size numbers,
// and returns the interval's length.
func (b Brownian) increment(z *branch, image, at, size int, t, s float64) float64 {
	if b.Depth < 0 || b.Depth > 30 {
		panic(&ArgumentError{"Brownian", "Depth must be from 0 to 30", b.Depth})
	}
	from, to := b.node(t), b.node(s)
	if !(b.From >= t && t > s && s >= b.To) || from == to {
		panic(&ArgumentError{"Brownian", "an interval must lie within the path's, and not be too short for its depth", [2]float64{t, s}})
	}
	length := math.Ldexp(float64(to-from)*(b.From-b.To), -b.depth())
	z.image, z.at, z.size, z.n = image, at, size, min(branchLen, size-at)
	b.root(z)
	for to-from < z.width { // together, as far as one half holds both ends
		half := z.width / 2
		if from < half && half < to {
			end := *z
			b.walk(z, from)
			b.walk(&end, to)
			for i, w := range z.start[:z.n] {
				z.w[i] = end.start[i] - w
				z.h[i] = (end.integral[i]-z.integral[i])/length - w - z.w[i]/2
			}
			return length
		}
		b.halve(z, from >= half)
		if from >= half {
			from, to = from-half, to-half
		}
		clear(z.start[:z.n])
		clear(z.integral[:z.n])
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

// walk sets z.start and z.integral to the path and its integral at a place within z.
func (b Brownian) walk(z *branch, place int) {
	for place > 0 && place < z.width {
		half := z.width / 2
		b.halve(z, place >= half)
		if place >= half {
			place -= half
		}
	}
	if place > 0 {
		z.pass(&z.w, &z.h)
	}
}

// root makes z the whole path.
func (b Brownian) root(z *branch) {
	z.number, z.width, z.length = 0, 1<<b.depth(), b.From-b.To
	first, second := b.draw(z)
	c, d := math.Sqrt(z.length), math.Sqrt(z.length/12)
	for i := range z.n {
		z.w[i], z.h[i] = float64(c*float64(first[i])), float64(d*float64(second[i]))
		z.start[i], z.integral[i] = 0, 0
	}
	z.number = 1
}

// halve makes z its first half, or its second.
func (b Brownian) halve(z *branch, right bool) {
	first, second := b.draw(z)
	c, d := math.Sqrt(z.length/16), math.Sqrt(z.length/12)
	var w, h [branchLen]float64 // of the second half
	for i, v := range z.w[:z.n] {
		m, n := float64(c*float64(first[i])), float64(d*float64(second[i]))
		area := z.h[i]
		z.w[i], w[i] = v/2+float64(1.5*area)+m, v/2-float64(1.5*area)-m
		z.h[i], h[i] = area/4-m/2+n/2, area/4-m/2-n/2
	}
	z.number, z.width, z.length = 2*z.number, z.width/2, z.length/2
	if right {
		z.number++
		z.pass(&z.w, &z.h)
		z.w, z.h = w, h
	}
}

// pass moves start and integral over an interval of z's length with these increments and areas.
func (z *branch) pass(w, h *[branchLen]float64) {
	for i, v := range w[:z.n] {
		z.integral[i] += float64(z.length * (z.start[i] + v/2 + h[i]))
		z.start[i] += v
	}
}

// draw returns the random numbers of a node.
func (b Brownian) draw(z *branch) (first, second [branchLen]float32) {
	stream, offset := tensor.NewStream(b.Seed, uint64(z.image)), uint64(2*z.number+1)*uint64(z.size)+uint64(z.at)
	stream.Normal(first[:z.n], offset)
	stream.Normal(second[:z.n], offset+uint64(z.size))
	return first, second
}
