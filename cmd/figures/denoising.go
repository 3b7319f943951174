package main

import (
	"context"
	"errors"
	"fmt"
	"image/color"
	"math"

	"spdiff"
	"spdiff/asm"
	"spdiff/cmd/internal/digits"
	"spdiff/cmd/internal/fit"
	"spdiff/group"
	"spdiff/sde"
	"spdiff/tensor"
)

// quality is the part of its resolution that the image of figure 1 keeps, 1/quality, as in section 6.3.
const quality = 4

// denoising makes figure 1: a digit at a quarter of its resolution, in all orientations, with noise that turns with it (section
// 5.2), and what a model that commutes with the group and one that does not make of it.
func denoising(ctx context.Context, o *options) (*page, error) {
	exact, ordinary, err := contenders(ctx, o)
	if err != nil {
		return nil, err
	}
	img, err := digit(o.seed)
	if err != nil {
		return nil, err
	}
	g := exact.Symmetry(digits.Side, digits.Side)
	orbit := turned(g, spdiff.Degrade(img, quality))
	noisy, err := withNoise(g, exact.Process(), orbit, o.seed)
	if err != nil {
		return nil, err
	}
	s := newSheet(g)
	s.row("low resolution", "in every orientation", ink, orbit)
	s.row("with noise", "that turns with it", ink, noisy)
	_, verdict, _ := judged(g, noisy)
	s.page.measure("noise that turns with the image: noisy images of %d orientations, turned back, %s", g.Order(), verdict)
	for _, m := range []contender{exact, ordinary} {
		z, err := m.denoised(ctx, orbit, o)
		if err != nil {
			return nil, err
		}
		s.contender(m, g, z)
	}
	return s.finish(), nil
}

// contender adds the rows and the sentences of a model.
func (s *sheet) contender(m contender, g group.Group, z []*tensor.Tensor) {
	apart, verdict, shade := judged(g, z)
	s.space()
	s.row(m.words(), "its results", shade, z)
	s.difference("differences", "once turned back", shade, apart)
	s.page.measure("%s (method %v over %v; %s): results from %d orientations, turned back, %s", m.words(), m.Config().Method, g, m.origin, g.Order(), verdict)
}

// judged returns |A⁻¹z_A − z_e| for all elements A, in words what they say, and the colour of that.
func judged(g group.Group, z []*tensor.Tensor) (apart []*tensor.Tensor, verdict string, shade color.RGBA) {
	apart, same := differences(g, z)
	if same {
		return apart, "are equal in all bits", blue
	}
	return apart, fmt.Sprintf("differ by up to %.2g, of a range of 2", largest(apart...)), red
}

// digit returns the boldest of some digits 2 that no model was trained on: it has no symmetry, and at a quarter of its resolution
// can still be read.
func digit(seed uint64) (*tensor.Tensor, error) {
	set := digits.New(seed+1, 300)
	var boldest *tensor.Tensor
	most := float32(math.Inf(-1))
	for i := range set.Len() {
		img := tensor.New(digits.Side, digits.Side, 1)
		class, err := set.Image(img.Data(), i)
		if err != nil {
			return nil, err
		}
		if ink := asm.Sum(img.Data()); class == 2 && ink > most {
			boldest, most = img, ink
		}
	}
	return boldest, nil
}

// turned returns an image in all orientations.
func turned(g group.Group, img *tensor.Tensor) (z []*tensor.Tensor) {
	for a := range g.Order() {
		z = append(z, fit.Acted(g, a, img))
	}
	return z
}

// strength is how strong the noise of figure 1 is beside the image, σ/α.
const strength = 0.613

// begin returns the time of a process to which noise is added.
func begin(p sde.Process) float64 { return sde.TimeOf(p, strength) }

// withNoise returns what Model.Denoise of a model with this process starts from: α x + σ κ*(x)·ε.
func withNoise(g group.Group, process sde.Process, x []*tensor.Tensor, seed uint64) (z []*tensor.Tensor, err error) {
	t := begin(process)
	for _, img := range x {
		s := img.Shape()
		f, err := group.NewFrame(g, s[0], s[1], s[2])
		if err != nil {
			return nil, err
		}
		noise, ties := sde.Framed(sde.Seeded(seed), f, img.Data(), []int{0})
		if len(ties) > 0 {
			return nil, errors.New("the digit has a symmetry of its own, so that no noise can turn with it: choose another -seed")
		}
		y, eps := tensor.New(s...), make([]float32, img.Len())
		noise(eps, 0, sde.Start)
		sde.Diffuse(process, y.Data(), img.Data(), eps, t)
		z = append(z, y)
	}
	return z, nil
}

// denoised denoises images, each for itself and all as number 0, so that but for its turns they have one noise.
func (m contender) denoised(ctx context.Context, x []*tensor.Tensor, o *options) (z []*tensor.Tensor, err error) {
	t := begin(m.Process())
	for _, img := range x {
		y, _, err := m.Denoise(ctx, img, spdiff.Denoising{Start: t, Reversal: spdiff.Reversal{Steps: o.evaluations, Seed: o.seed, Precision: o.precision}})
		if err != nil {
			return nil, err
		}
		z = append(z, y)
	}
	return z, nil
}

// differences returns |A⁻¹z_A − z_e| for all elements A, and whether all bits are equal.
func differences(g group.Group, z []*tensor.Tensor) (apart []*tensor.Tensor, same bool) {
	same = true
	for a := range z {
		back := fit.Acted(g, g.Inverse(a), z[a])
		for i, v := range z[0].Data() {
			same = same && math.Float32bits(v) == math.Float32bits(back.Data()[i])
			back.Data()[i] = max(v-back.Data()[i], back.Data()[i]-v)
		}
		apart = append(apart, back)
	}
	return apart, same
}

// largest returns the largest number of images.
func largest(z ...*tensor.Tensor) (v float32) {
	for _, img := range z {
		for _, u := range img.Data() {
			v = max(v, u)
		}
	}
	return v
}
