package main

import (
	"context"
	"math"

	"spdiff/cmd/internal/fit"
	"spdiff/tensor"
)

// An orientation says how far turning an image and then denoising it is from denoising it and then turning it.
type orientation struct {
	Element    string  `json:"element"`    // of the group
	Equal      bool    `json:"equal"`      // all bits are
	Largest    float64 `json:"largest"`    // difference of any number, of a range of 2
	Turned     picture `json:"turned"`     // the image
	Denoised   picture `json:"denoised"`   // what came of it
	Difference picture `json:"difference"` // times loud: white is 1/loud of the range, and more
}

// loud is how many times differences are shown.
const loud = 4

// A compared sums up all orientations. It is the last event; before it each orientation was one.
type compared struct {
	denoised
	Equal   bool    `json:"equal"`
	Largest float64 `json:"largest"`
}

// A comparison is all orientations.
type comparison struct {
	compared
	Orientations []orientation `json:"orientations"`
}

// compare denoises an image as it is, which the identity's orientation is too, and turned by each other element.
func (e *edit) compare(ctx context.Context, to report) (*answer, error) {
	original, err := e.image(ctx)
	if err != nil {
		return nil, err
	}
	x := original.given
	g := e.model.Symmetry(x.Shape()[0], x.Shape()[1])
	z, equal, err := e.solve(ctx, x, 0, g.Order(), to)
	if err != nil {
		return nil, err
	}
	all := comparison{compared: compared{denoised: e.about(original, z, equal), Equal: true}}
	for a := range g.Order() {
		turned, want, y := fit.Acted(g, a, x), fit.Acted(g, a, z), z
		if a > 0 {
			if y, _, err = e.solve(ctx, turned, a, g.Order(), to); err != nil {
				return nil, err
			}
		}
		o, err := orient(turned, y, want)
		if err != nil {
			return nil, err
		}
		o.Element = g.ElementName(a)
		to.send(event{"orientation", o})
		all.add(o)
	}
	return &answer{report: all, last: all.compared, clipped: &all.Clipped}, nil
}

func (c *comparison) add(o orientation) {
	c.Equal = c.Equal && o.Equal
	c.Largest = max(c.Largest, o.Largest)
	c.Orientations = append(c.Orientations, o)
}

// orient compares y with what it should be.
func orient(turned, y, want *tensor.Tensor) (o orientation, err error) {
	difference := tensor.New(y.Shape()...)
	o.Equal = true
	for i, v := range y.Data() {
		u := want.Data()[i]
		d := math.Abs(float64(v) - float64(u))
		o.Equal = o.Equal && math.Float32bits(v) == math.Float32bits(u)
		o.Largest = max(o.Largest, d)
		difference.Data()[i] = float32(loud*d) - 1
	}
	for _, p := range []struct {
		to *picture
		x  *tensor.Tensor
	}{{&o.Turned, turned}, {&o.Denoised, y}, {&o.Difference, difference}} {
		if *p.to, err = encode(p.x); err != nil {
			return o, err
		}
	}
	return o, nil
}
