package sde

import (
	"fmt"
	"math"

	"spdiff/asm"
	"spdiff/tensor"
)

// embedded is a solution by DormandPrince.
type embedded struct {
	r         *Run
	tolerance float64

	d     [stages][]float32 // D of the stages; d[0], of the states, is kept from step to step
	known []bool            // whether image k has its d[0]
	y     []float32         // the state of a stage, at last the result
	e     []float32         // the error

	parts  []part
	active []bool // which images take part in the step under way
	ratio  []float64

	row                       []float64 // what the tasks compute: scale·x + Σ row_j·d_j
	scale                     float64
	stage, keep, begin, judge tensor.Task
}

func newEmbedded(r *Run, tolerance float64) *embedded {
	n := r.Images()
	e := &embedded{r: r, tolerance: tolerance, known: make([]bool, n), y: r.Buffer(), e: r.Buffer(),
		parts: make([]part, n), active: make([]bool, n), ratio: make([]float64, n), row: make([]float64, stages)}
	for j := range e.d {
		e.d[j] = r.Buffer()
	}
	e.begin = r.Each(func(k int) {
		if e.active[k] && !e.known[k] {
			copy(r.Image(e.d[0], k), r.Image(e.d[stages-1], k))
			e.known[k] = true
		}
	})
	e.stage = r.Each(e.combine)
	e.judge = r.Each(e.measure)
	e.keep = r.Each(func(k int) {
		if e.active[k] && e.ratio[k] <= 1 {
			copy(r.Image(r.X, k), r.Image(e.y, k))
			copy(r.Image(e.d[0], k), r.Image(e.d[stages-1], k))
			copy(r.Image(r.Denoised, k), r.Image(e.d[0], k))
		}
	})
	return e
}

// cross moves every image from t to s.
func (e *embedded) cross(t, s float64) error {
	for k := range e.parts {
		e.parts[k].from = 0
		if math.IsInf(e.tolerance, 1) { // steps before say nothing of this one
			e.parts[k].halvings = 0
		}
	}
	for {
		p, ok := e.choose()
		if !ok {
			return nil
		}
		from, to := at(t, s, p.from), at(t, s, p.from+p.length())
		apart := blind(e.r.Process, from, to)
		if apart {
			p.halvings++
			e.goOn(func(float64) part { return p })
		} else if err := e.step(from, to); err != nil {
			return err
		} else {
			e.goOn(p.next)
		}
		for k := range e.parts {
			if e.parts[k].halvings > finest {
				return &ToleranceError{e.tolerance, e.r.images[k], from, apart}
			}
		}
	}
}

// goOn gives the images that took part their next part.
func (e *embedded) goOn(next func(ratio float64) part) {
	for k, active := range e.active {
		if active {
			e.parts[k] = next(e.ratio[k])
		}
	}
}

// blind reports whether a step is so long that its stages would see nothing of what happens between its ends: α/σ grows by more than
// its own value plus the ½ that a change of D takes, for data about 1. The error would then seem to be zero.
func blind(p Process, t, s float64) bool {
	from, to := 1/level(p, t), 1/level(p, s)
	return to-from > from+0.5
}

// choose returns the part to be made next and marks the images that are to make it; ok is false where all have arrived.
func (e *embedded) choose() (next part, ok bool) {
	next.from = 1 << finest
	for _, p := range e.parts {
		if p.before(next) {
			next = p
		}
	}
	for k, p := range e.parts {
		e.active[k] = p == next
	}
	return next, next.from < 1<<finest
}

// step tries the step from t to s: y and ratio are its results, and X where the ratio is at most 1.
func (e *embedded) step(t, s float64) error {
	if err := e.first(t); err != nil {
		return err
	}
	p := e.r.Process
	alphaT, sigmaT := p.Marginal(t)
	alphaS, sigmaS := p.Marginal(s)
	from, length := alphaT/sigmaT, alphaS/sigmaS-alphaT/sigmaT
	for j, row := range dopri {
		now := s
		if c := dopriTime[j]; c < 1 {
			now = timeAt(p, from+float64(c*length), 1, s, t)
		}
		_, sigma := p.Marginal(now)
		e.weigh(sigma/sigmaT, sigma*length, row)
		tensor.Run(e.stage)
		if err := e.evaluate(e.d[j+1], e.y, now); err != nil {
			return err
		}
	}
	e.weigh(0, sigmaS*length, dopriError[:])
	tensor.Run(e.judge, e.keep)
	return nil
}

// first finds the D of states that have none yet.
func (e *embedded) first(t float64) error {
	for k, active := range e.active {
		if active && !e.known[k] {
			err := e.evaluate(e.d[stages-1], e.r.X, t)
			tensor.Run(e.begin)
			return err
		}
	}
	return nil
}

// weigh sets what the tasks compute.
func (e *embedded) weigh(scale, length float64, row []float64) {
	e.scale, e.row = scale, e.row[:len(row)]
	for j, a := range row {
		e.row[j] = length * a
	}
}

// combine makes the state of a stage; images that wait keep theirs.
func (e *embedded) combine(k int) {
	x, y := e.r.Image(e.r.X, k), e.r.Image(e.y, k)
	if !e.active[k] {
		copy(y, x)
		return
	}
	asm.Scale(y, float32(e.scale), x)
	e.accumulate(y, k)
}

func (e *embedded) accumulate(z []float32, k int) {
	for j, a := range e.row {
		if a != 0 {
			asm.AddScaled(z, float32(a), e.r.Image(e.d[j], k), z)
		}
	}
}

// measure sets ratio to an image's error over the tolerance.
func (e *embedded) measure(k int) {
	if !e.active[k] {
		return
	}
	x, y, z := e.r.Image(e.r.X, k), e.r.Image(e.y, k), e.r.Image(e.e, k)
	clear(z)
	e.accumulate(z, k)
	for i, v := range z {
		z[i] = v / (1 + math.Float32frombits(max(magnitude(x[i]), magnitude(y[i]))))
	}
	e.ratio[k] = rms(z) / e.tolerance
	if math.IsInf(e.tolerance, 1) {
		e.ratio[k] = 1
	}
}

// evaluate sets z = D(x, t). Only of images that take part it matters whether that is finite: the others have another time.
func (e *embedded) evaluate(z, x []float32, t float64) error {
	if err := e.r.evaluate(z, x, t); err != nil {
		return err
	}
	for k, active := range e.active {
		if i := notFinite(e.r.Image(z, k)); active && i >= 0 {
			return &NotFiniteError{"the denoiser's output", e.r.Image(z, k)[i], e.r.images[k], i, e.r.step, t}
		}
	}
	return nil
}

// A ToleranceError says that the tolerance of [DormandPrince] is out of reach, or that two of its times are too far apart.
type ToleranceError struct {
	Tol   float64
	Image int     // the number of the image, as given to the Sampler
	Time  float64 // where no step is short enough
	Apart bool    // the times are too far apart to see what lies between; else it is the tolerance
}

// Error says where, and what may help.
func (e *ToleranceError) Error() string {
	if e.Apart {
		return fmt.Sprintf("sde: image %d at t = %.6g: no step is short enough to see what lies between its ends: the times are too far apart; put one in between",
			e.Image, e.Time)
	}
	return fmt.Sprintf("sde: image %d at t = %.6g: no step is short enough for the tolerance %v; the numbers are float32, and the denoiser may not be smooth there: allow more",
		e.Image, e.Time, e.Tol)
}
