package group

import (
	"fmt"
	"math"
)

// A Frame tells for an image x which way up it is, as an element κ*(x) that moves with it,
//
//	κ*(x) = argmax_κ ⟨w, κ⁻¹x⟩,    κ*(h·x) = h·κ*(x) for every h in the group:
//
// the canonicalising function of section 5.2 of Lu, Szabados & Yu, "Structure Preserving Diffusion Models", with η = e. Here
// w is a fixed template, and the law holds to the last bit: ⟨w, κ⁻¹x⟩ is a chain of additions over the pixels p of w, in
// order, of w[p]·x[κp]; for h·x it is, number by number, what it was for h⁻¹κ.
//
// A Frame does not change, and any number of goroutines may use it at once.
//
// # The template
//
// The template is a round spot of light at 22½° and three fifths of the way from the centre to the edge, so that its images
// under D4 stand at equal distances on a circle: κ*(x) is the element that carries it to the brightest of these places. It is
// smooth, for white noise to cancel in its sum, and it has all angular frequencies. A linear ramp has but one, and digits of
// MNIST have none of it, for their centre of mass is in the middle. Noise of standard deviation 0.1, 0.3 and 1 in each pixel
// changes the frame of 2, 7 and 24 % of MNIST's test digits under C4 (the ramp's: 12, 30 and 57 %), and of 1, 2 and 8 % of
// 64×64 pieces of tissue under D4. Channels have weights from 1 to 2, all different, for an exchange of two channels to be no
// symmetry.
//
// There is no frame without a jump: near images that have a symmetry, κ* changes from one element to another.
type Frame struct {
	group    Group
	h, w, c  int
	template []float64 // w[p]
	channel  []float64 // weights of the channels
	places   []int32   // places[p·|G| + κ] = κ·p
}

// NewFrame returns the frame of images of h×w pixels of c channels under g: tables of 4|G| + 8 bytes a pixel. It returns an
// [*ActionError] if g does not act on them, and an error if c is not positive, or an image would have more than 2³¹−1 numbers.
func NewFrame(g Group, h, w, c int) (*Frame, error) {
	if err := g.Acts(h, w); err != nil {
		return nil, err
	}
	if c < 1 || c > math.MaxInt32/(h*w) {
		return nil, fmt.Errorf("group: a frame of images of %d×%d pixels and %d channels; there is at least one channel, and at most 2³¹−1 numbers", h, w, c)
	}
	f := &Frame{group: g, h: h, w: w, c: c, template: make([]float64, h*w), places: make([]int32, 0, g.Order()*h*w)}
	for p := range h * w {
		f.template[p] = spot(p/w, p%w, h, w)
		for a := range g.Order() {
			f.places = append(f.places, int32(g.move(a, p, h, w)))
		}
	}
	for k := range c {
		_, weight := math.Modf(float64(float64(k) * 0.6180339887498949))
		f.channel = append(f.channel, 1+weight)
	}
	return f, nil
}

// spot is the template at row y, column x: 1/(1 + (d/s)²)², d the distance to the middle of the spot where the half of a side
// is 1. Only operations whose bits are the same on every machine.
func spot(y, x, h, w int) float64 {
	const cos, sin = 0.9238795325112867, 0.3826834323650898 // of 22½°
	const radius, s2 = 0.6, 0.1
	dy := float64(2*y-(h-1))/float64(h) + radius*sin // above the middle
	dx := float64(2*x-(w-1))/float64(w) - radius*cos // and to the right of it
	d := 1 + (float64(dy*dy)+float64(dx*dx))/s2
	return 1 / float64(d*d)
}

// Group returns the group of the frame.
func (f *Frame) Group() Group { return f.group }

// Shape returns rows, columns and channels of the images of the frame.
func (f *Frame) Shape() (h, w, c int) { return f.h, f.w, f.c }

// Of returns κ*(x) of one image (H, W, C), and how many elements attain the maximum: 1 where κ*(x) is defined. More than one
// is a tie. Then x usually has a symmetry of its own, and no frame can be preferred: where s·x = x, κ and
// s·κ are equally good, and Of returns the first of them in the order of elements, which is a guess. Where a number of x is
// not finite there is no frame, and Of returns 0 and 0.
//
// It allocates nothing, and panics with a [*LengthError] if x is not one image.
func (f *Frame) Of(x []float32) (kappa, ties int) {
	if len(x) != f.h*f.w*f.c {
		panic(&LengthError{"x", len(x), 1, f.h, f.w, f.c})
	}
	var room [8]float64 // no group has more elements
	score := room[:f.group.Order()]
	f.scores(score, x)
	for a, s := range score {
		switch {
		case s-s != 0: // no weight is 0, and a sum of float32 numbers does not overflow
			return 0, 0
		case s > score[kappa]:
			kappa, ties = a, 1
		case s == score[kappa]:
			ties++
		}
	}
	return kappa, ties
}

// scores adds ⟨w, κ⁻¹x⟩ to score[κ], for all κ in one pass over the pixels of w.
func (f *Frame) scores(score []float64, x []float32) {
	n := len(score)
	for p, w := range f.template {
		for a, q := range f.places[p*n : (p+1)*n] {
			score[a] += float64(w * f.weigh(x[int(q)*f.c:]))
		}
	}
}

// weigh returns the sum of a pixel's channels by their weights.
func (f *Frame) weigh(pixel []float32) float64 {
	if f.c == 1 {
		return float64(pixel[0])
	}
	sum := 0.0
	for k, weight := range f.channel {
		sum += float64(weight * float64(pixel[k]))
	}
	return sum
}

// Weights returns the numbers of which the score of κ = kappa is the product with an image (H, W, C),
//
//	⟨w, κ⁻¹x⟩ = Σ_i Weights(κ)[i]·x[i],
//
// for programs that have no Frame. Of adds in another order. It panics with an index out of range if kappa is no element.
func (f *Frame) Weights(kappa int) []float64 {
	z := make([]float64, f.h*f.w*f.c)
	for p, w := range f.template {
		q := int(f.places[p*f.group.Order()+kappa])
		for k, weight := range f.channel {
			z[q*f.c+k] = float64(w * weight)
		}
	}
	return z
}

// Act sets z = a·x for one image of the frame's pixels, of any number of channels. It is [Group.Act] by a table, and allocates
// nothing. z and x must not overlap. It panics with a [*LengthError] if z and x are not one image of the same shape.
//
// It panics with an index out of range if a is no element.
func (f *Frame) Act(z, x []float32, a int) {
	c := len(x) / (f.h * f.w)
	if len(x) != c*f.h*f.w || c == 0 {
		panic(&LengthError{"x", len(x), 1, f.h, f.w, max(c, 1)})
	}
	if len(z) != len(x) {
		panic(&LengthError{"z", len(z), 1, f.h, f.w, c})
	}
	// (a·x)[p] = x[a⁻¹p]. A table of its own, side by side, takes 14 µs for 64×64×3 where this takes 17, and 4|G| bytes a pixel more.
	n, from := f.group.Order(), f.places[f.group.Inverse(a):]
	if c == 1 {
		for p := range z {
			z[p] = x[from[p*n]]
		}
		return
	}
	for p := range f.h * f.w {
		copy(z[p*c:(p+1)*c], x[int(from[p*n])*c:])
	}
}
