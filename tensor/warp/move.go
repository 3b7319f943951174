package warp

import (
	"math"

	"spdiff/tensor"
	"spdiff/tensor/elementary"
)

// Labels is how many numbers say what was done.
const Labels = 9

// A Move is what is done to an image: mirrors first, then what Back undoes.
type Move struct {
	FlipX, FlipY bool // columns, rows in reverse order

	// Back maps a place of the new image to that of the old one, both in pixels from the middle of the image, x to the right and y down:
	// (Back[0]·x + Back[1]·y + Back[2], Back[3]·x + Back[4]·y + Back[5]).
	Back [6]float64

	// Labels are, of what is done: mirrored left to right, mirrored top to bottom, scale w, cos θ − 1 and sin θ of the rotation,
	// w·cos r and w·sin r of the stretch, and the shift in eighths of the image, to the right and down.
	Labels [Labels]float32
}

var identity = [6]float64{1, 0, 0, 0, 1, 0}

// Draw returns a random move of images of h rows and w columns. A mirror of left and right is as likely as none; with probability p
// each, independent of the others: a mirror of top and bottom is as likely as none; the image is scaled by 2^(w/5), w ~ N(0, 1);
// turned by θ, uniform on the circle; stretched by 2^(w/5), and as much narrower across, w ~ N(0, 1), in a direction r that is
// uniform on the circle or, as likely, 0; and shifted by N(0, 1) eighths of its width and of its height. With p = 0 nothing is
// done, by no mirror either. What is done is done in this order.
func Draw(s tensor.Stream, p float64, h, w int) Move {
	m := Move{Back: identity}
	if p == 0 {
		return m
	}
	var u [10]float32
	var z [4]float32
	s.Uniform(u[:], 0)
	s.Normal(z[:], uint64(len(u)))
	happens := func(k int) bool { return float64(u[k]) < p }
	if m.FlipX = u[0] < 0.5; m.FlipX {
		m.Labels[0] = 1
	}
	if m.FlipY = happens(1) && u[2] < 0.5; m.FlipY {
		m.Labels[1] = 1
	}
	if happens(3) {
		m.scale(z[0])
	}
	if happens(4) {
		m.turn(float64(2*float64(u[5])) - 1)
	}
	if happens(6) {
		r := 0.0
		if u[7] < 0.5 {
			r = float64(2*float64(u[8])) - 1
		}
		m.stretch(z[1], r)
	}
	if happens(9) {
		m.shift(z[2], z[3], h, w)
	}
	return m
}

// scale makes the image larger by 2^(w/5).
func (m *Move) scale(w float32) {
	s := power(-w)
	m.then([6]float64{s, 0, 0, 0, s, 0})
	m.Labels[2] = w
}

// turn turns the image by θ = πr, from the x axis to the y axis.
func (m *Move) turn(r float64) {
	cos, sin := circle(r)
	m.then([6]float64{cos, sin, 0, -sin, cos, 0})
	m.Labels[3], m.Labels[4] = float32(cos-1), float32(sin)
}

// stretch makes the image larger by 2^(w/5) in direction πr, and smaller by as much across.
func (m *Move) stretch(w float32, r float64) {
	cos, sin := circle(r)
	m.then([6]float64{cos, -sin, 0, sin, cos, 0})
	m.then([6]float64{power(-w), 0, 0, 0, power(w), 0})
	m.then([6]float64{cos, sin, 0, -sin, cos, 0})
	m.Labels[5], m.Labels[6] = float32(float64(w)*cos), float32(float64(w)*sin)
}

// shift moves the image by x and y eighths of its size.
func (m *Move) shift(x, y float32, h, w int) {
	m.then([6]float64{1, 0, -float64(float64(x) * 0.125 * float64(w)), 0, 1, -float64(float64(y) * 0.125 * float64(h))})
	m.Labels[7], m.Labels[8] = x, y
}

// then adds what comes after, by its own way back: Back becomes Back∘b.
func (m *Move) then(b [6]float64) {
	a := m.Back
	for row := 0; row < 6; row += 3 {
		for k := range 3 {
			m.Back[row+k] = float64(a[row]*b[k]) + float64(a[row+1]*b[3+k])
		}
		m.Back[row+2] += a[row+2]
	}
}

// power returns 2^(w/5).
func power(w float32) float64 { return elementary.Exp(float64(float64(w) * (math.Ln2 / 5))) }

// circle returns cos πr and sin πr, −1 ≤ r < 1.
func circle(r float64) (cos, sin float64) {
	a := math.Abs(r)
	sin, cos = elementary.Sincos(float64(math.Pi * min(a, 1-a)))
	if a > 0.5 {
		cos = -cos
	}
	return cos, math.Copysign(sin, r)
}
